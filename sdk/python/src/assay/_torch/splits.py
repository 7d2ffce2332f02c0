"""What becomes of one loader's batches: ids, samples, epochs."""

from __future__ import annotations

import logging
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from .batches import Batch, Ledger, Pass
from .labels import LabelsRefused, labels_of

if TYPE_CHECKING:
    from ..run import Run
    from .tagging import Tagged

logger = logging.getLogger("assay")


class Split:
    """One watched loader; told of its batches by the loader itself.

    Parameters
    ----------
    name : str
        ``training``, ``validation`` or ``test``.
    run : Run
        Where its samples go.
    ledger : Ledger
        Where its batches wait for their forward.
    give_up : callable
        Told of batches that no forward was seen of.
    ids, label, metadata : optional
        As `assay.watch` takes them.
    first_epoch : int
        Number of the first pass.
    follows : Split, optional
        The training split, whose epoch a pass over another one belongs to.
    n_items : int, optional
        Items of its dataset; None: it is a stream, and keys are ids.
    """

    def __init__(
        self,
        name: str,
        run: Run,
        ledger: Ledger,
        give_up: Callable[[list[Batch]], None],
        *,
        ids: Any,
        label: str | int | Callable[[Any], Any] | None,
        metadata: Mapping[str, Any] | Callable[[Any], Mapping[str, Any]] | None,
        first_epoch: int,
        follows: Split | None,
        n_items: int | None,
    ) -> None:
        self.name = name
        self.is_open = True
        self.n_batches = 0
        self._run, self._ledger, self._give_up = run, ledger, give_up
        self._ids, self._label, self._metadata = ids, label, metadata
        self._next_epoch = first_epoch
        self._follows = follows
        self._n_items = n_items
        self._known: set[Any] = set()
        self._has_told_labels = False
        self.last_epoch: int | None = None  # of the newest pass that a forward was seen of

    def begin(self, iterator: Any) -> Pass:
        """Take note of a new pass."""
        return Pass(self, iterator)

    def hand_out(self, tagged: Tagged, pass_: Any) -> None:
        """Take note of a batch on its way to the loop."""
        if not self.is_open:
            return
        n_rows = 1
        self.n_batches += 1
        try:
            keys = _keys(tagged.keys)
            n_rows = len(keys)
            if tagged.doubt:
                self._run.note_refused(n_rows, tagged.doubt)
                return
            if not pass_.has_begun:
                pass_.has_begun = True
                self._give_up(self._ledger.drop(self))
            ids = self._ids_of(keys)
            self._log_samples(keys, ids, tagged.batch)
            self._give_up(self._ledger.add(Batch(pass_, ids, tagged.batch)))
        except Exception as error:  # whatever happens here must not end the training
            logger.debug("assay: batch refused", exc_info=error)
            self._run.note_refused(n_rows, f"a batch of {self.name} cannot be read: {type(error).__name__}: {error}")

    def end(self, pass_: Any) -> None:
        """Take note that a pass has no more batches."""
        pass_.has_ended = True
        self.close_epoch(pass_)

    def close_epoch(self, pass_: Pass) -> None:
        """Send the rows of a pass, if it has no more."""
        if self.is_open and pass_.has_ended and pass_.epoch is not None and not self._ledger.has(pass_):
            self._run.close_epoch(self.name, pass_.epoch)

    def epoch_of(self, pass_: Pass) -> int | None:
        """Number of a pass, which it gets with its first forward; None for one that comes before the training it belongs to."""
        if pass_.epoch is None:
            if self._follows is not None:
                pass_.epoch = self._follows.last_epoch
            else:
                pass_.epoch = self._next_epoch
                self._next_epoch += 1
            self.last_epoch = pass_.epoch
        return pass_.epoch

    def _ids_of(self, keys: list[Any]) -> Sequence[Any]:
        if self._ids is None or self._n_items is None:
            return keys
        if not callable(self._ids):
            return [_plain(self._ids[key]) for key in keys]
        if len(keys) == 1:
            found = self._ids(keys[0])
            return [_plain(each) for each in found] if isinstance(found, (list, tuple, np.ndarray)) and np.ndim(found) == 1 else [_plain(found)]
        return [_plain(self._ids(key)) for key in keys]

    def _log_samples(self, keys: list[Any], ids: Sequence[Any], batch: Any) -> None:
        """Log the samples that were not met before."""
        known = self._known
        if len(known) == self._n_items or known.issuperset(ids):
            return
        new = [row for row, id_ in enumerate(ids) if id_ not in known and not known.add(id_)]  # type: ignore[func-returns-value]
        labels = self._labels_of(batch, len(ids))
        self._run.log_dataset(
            [ids[row] for row in new],
            None if labels is None else [labels[row] for row in new],
            split=self.name,
            metadata=self._metadata_of([keys[row] for row in new]) if self._metadata is not None and len(keys) == len(ids) else None,
        )

    def _labels_of(self, batch: Any, n_rows: int) -> list[Any] | None:
        try:
            labels = labels_of(batch, self._label, n_rows)
        except LabelsRefused as error:
            self._run.note_refused(0, f"samples of {self.name} go without a label as {error}")
            return None
        if labels is None and not self._has_told_labels:
            self._has_told_labels = True
            logger.warning("assay: samples of %s go without a label as none is found in a batch: give label= where it is", self.name)
        return labels

    def _metadata_of(self, keys: list[Any]) -> dict[str, list[Any]]:
        if not callable(self._metadata):
            return {name: [_plain(_column(column)[key]) for key in keys] for name, column in (self._metadata or {}).items()}
        rows = [self._metadata(key) for key in keys]
        names = dict.fromkeys(name for row in rows for name in row)
        return {name: [_plain(row.get(name)) for row in rows] for name in names}


def _column(column: Any) -> Any:
    return getattr(column, "iloc", column)


def _keys(keys: Any) -> list[Any]:
    """Keys as plain integers and strings, where they are any."""
    if isinstance(keys, (torch.Tensor, np.ndarray)) and keys.ndim:
        keys = keys.tolist()
    elif isinstance(keys, slice):
        keys = list(range(keys.start or 0, keys.stop, keys.step or 1))
    elif not isinstance(keys, list):
        keys = [keys]
    return keys if set(map(type, keys)) == {int} else [_plain(key) for key in keys]


def _plain(value: Any) -> Any:
    if isinstance(value, (str, float, bool, type(None))):
        return value
    try:
        return operator.index(value)
    except TypeError:
        return value.item() if getattr(value, "ndim", None) == 0 else value
