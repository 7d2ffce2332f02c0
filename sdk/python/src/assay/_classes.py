"""The classes of a run: their names, in the order of the logits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ._rows import RowsRefused

_MOST_CLASSES = 10_000


def check_names(names: Iterable[Any]) -> tuple[str, ...]:
    """Class names that the server takes.

    Raises
    ------
    ValueError
        If there are none or too many, or one is empty, too long, or given twice.
    """
    given = tuple(str(name) for name in names)
    if not 1 <= len(given) <= _MOST_CLASSES:
        raise ValueError(f"Cannot name classes as there must be 1 to {_MOST_CLASSES} label names: got {len(given)}")
    seen: set[str] = set()
    for name in given:
        if not 1 <= len(name) <= 500:
            raise ValueError(f'Cannot name classes as a label name must have 1 to 500 characters: current value is "{name[:80]}"')
        if name in seen:
            raise ValueError(f'Cannot name classes as label names must be unique: "{name}" is there twice')
        seen.add(name)
    return given


class Classes:
    """The run's classes: given, or found with the first logits.

    Parameters
    ----------
    names : sequence of str, optional
        In logit order.
    on_known : callable
        Called once, with the names, by the thread that settles them.
    """

    def __init__(self, names: Sequence[str] | None, on_known: Callable[[tuple[str, ...]], None]) -> None:
        self.names: tuple[str, ...] | None = None
        self._on_known = on_known
        self._lock = threading.RLock()
        self._seen_names: set[str] = set()
        self._highest_index = -1
        self._lowest_index = 2**63
        self._known: set[Any] = set()
        self.assumed_order = False
        if names is not None:
            self.declare(names)

    def declare(self, names: Sequence[str]) -> None:
        """Settle the names.

        Raises
        ------
        ValueError
            If they are unusable, or others were settled before.
        """
        given = check_names(names)
        with self._lock:
            if self.names is not None:
                if self.names != given:
                    raise ValueError(
                        f"Cannot name classes as they were named before: current names are {_shown(self.names)}, asked for {_shown(given)}"
                    )
                return
            self.names = given
            self._known = {*given, *range(len(given))}
            self._on_known(given)

    def see(self, labels: Iterable[str | int | None]) -> list[str]:
        """Note labels that were logged; returns those that are no class of the run."""
        distinct = set(labels) - {None}
        with self._lock:
            if self.names is not None:
                return sorted(str(label) for label in distinct - self._known)
            for label in distinct:
                if isinstance(label, str):
                    self._seen_names.add(label)
                elif label is not None:
                    self._highest_index = max(self._highest_index, label)
                    self._lowest_index = min(self._lowest_index, label)
        return []

    def fit(self, width: int) -> None:
        """Check the width of logits, and settle the names with the first.

        Raises
        ------
        RowsRefused
            If it is not the number of classes.
        """
        if width == 1:
            raise RowsRefused(
                "there must be a column for each class: current width is 1; of a model with one output for two classes, log"
                " probs=np.column_stack([1 - p, p]), or logits=np.column_stack([0 * z, z])"
            )
        names = self.names
        if names is None:
            with self._lock:
                names = self.names
                if names is None:
                    if self._seen_names and len(self._seen_names) != width:
                        raise RowsRefused(
                            f"class names must be known before logits of width {width}, as labels were given by {len(self._seen_names)}"
                            " names: pass label_names to assay.init() in the order of the logits"
                        )
                    if self._lowest_index == 1 and self._highest_index == width:
                        raise RowsRefused(
                            f"labels are indices, which count from 0, but were 1 to {width} for logits of width {width}: log them by name,"
                            " and pass label_names to assay.init() in the order of the logits"
                        )
                    self.assumed_order = bool(self._seen_names)
                    self.declare(sorted(self._seen_names) if self._seen_names else [str(k) for k in range(width)])
                    return
        if len(names) != width:
            raise RowsRefused(f"logits must have {len(names)} columns, one for each class: current width is {width}")

    def settle(self) -> None:
        """Settle the names without logits: those of the labels, in alphabetical order, or their indices."""
        with self._lock:
            if self.names is not None:
                return
            if self._seen_names:
                self.declare(sorted(self._seen_names))
            elif self._highest_index >= 0:
                self.declare([str(k) for k in range(self._highest_index + 1)])


def _shown(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
