"""Batches between the loader and the model, and which of them a forward belongs to.

No row is matched by the order of batches. A forward belongs to a batch if its input lies in the batch's own memory; or if it has the
batch's values, row by row; or if that batch is the only one on its way and nothing says otherwise. Else its rows are refused.
"""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Sequence
from typing import Any

import torch

from .inputs import rows_in_memory, tensors_in
from .row_values import rows_by_value

MOST_ON_THE_WAY = 8
"""Older batches are given up: loops that prefetch are one or two ahead."""


class Pass:
    """One pass over a loader.

    Parameters
    ----------
    source : object
        Whose pass it is.
    iterator : object
        The loader's; not kept alive.

    Attributes
    ----------
    epoch : int, optional
        Its number; None before its first forward.
    keeps_values : bool
        Whether a forward had the very values of its batch: one that has others is then of no batch of this pass.
    """

    __slots__ = ("_iterator", "epoch", "has_begun", "has_ended", "keeps_values", "source")

    def __init__(self, source: Any, iterator: Any) -> None:
        self.source = source
        self.epoch: int | None = None
        self.has_begun = False
        self.has_ended = False
        self.keeps_values = False
        self._iterator = weakref.ref(iterator)

    @property
    def is_over(self) -> bool:
        """Whether no more batches come, as none are left or nobody asks."""
        return self.has_ended or self._iterator() is None


class Batch:
    """A batch that was handed to the loop.

    Parameters
    ----------
    pass_ : Pass
        Where it comes from.
    ids : sequence
        (n,).
    contents : object
        The batch as the loop sees it.
    """

    __slots__ = ("contents", "ids", "is_overtaken", "pass_", "seen", "strangers", "tensors")

    def __init__(self, pass_: Pass, ids: Sequence[Any], contents: Any) -> None:
        self.pass_ = pass_
        self.ids = ids
        self.contents = contents
        self.tensors = list(tensors_in(contents))
        self.seen = bytearray(len(ids))
        self.is_overtaken = False  # a later or an earlier one was seen while it was on its way
        self.strangers = 0  # forwards that may have been of it, and could not be told

    def has_seen(self, rows: Sequence[int]) -> bool:
        """Whether a forward of one of these rows was seen."""
        if isinstance(rows, range):
            return 1 in self.seen[rows.start : rows.stop : rows.step]
        return any(self.seen[row] for row in rows)

    def see(self, rows: Sequence[int]) -> None:
        """Note a forward of these rows."""
        if isinstance(rows, range):
            self.seen[rows.start : rows.stop : rows.step] = b"\x01" * len(rows)
        else:
            for row in rows:
                self.seen[row] = 1


class Match:
    """Rows of a batch that a forward computes.

    Parameters
    ----------
    batch : Batch
        Where they come from.
    rows : sequence of int
        (n,). Their places in it.
    unsure : tensor, optional
        Input on another device, whose values nobody has waited for: they are to be compared later.
    """

    __slots__ = ("batch", "rows", "unsure")

    def __init__(self, batch: Batch, rows: Sequence[int], unsure: torch.Tensor | None = None) -> None:
        self.batch = batch
        self.rows = rows
        self.unsure = unsure


class Ledger:
    """Batches of all splits that no forward has been seen of yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._batches: deque[Batch] = deque()

    def add(self, batch: Batch) -> list[Batch]:
        """Take a batch; what is given up for it is returned."""
        with self._lock:
            self._batches.append(batch)
            return [self._batches.popleft()] if len(self._batches) > MOST_ON_THE_WAY else []

    def drop(self, source: Any = None) -> list[Batch]:
        """Give up the batches of a source's passes, or all."""
        with self._lock:
            dropped = [batch for batch in self._batches if source is None or batch.pass_.source is source]
            for batch in dropped:
                self._batches.remove(batch)
            return dropped

    def has(self, pass_: Pass) -> bool:
        """Whether a batch of a pass is on its way."""
        with self._lock:
            return any(batch.pass_ is pass_ for batch in self._batches)

    def find(self, args: tuple[Any, ...], kwargs: Any) -> Match | None:
        """The batch that a forward belongs to; None if it cannot be told, or if it is of no batch on its way.

        Parameters
        ----------
        args, kwargs : tuple, mapping
            What the model is called with.
        """
        with self._lock:
            batches = list(self._batches)
        if not batches:
            return None
        if args and len(batches) == 1 and any(args[0] is own for own in batches[0].tensors):  # nearly always, on a CPU
            batches[0].pass_.keeps_values = True
            return Match(batches[0], range(len(batches[0].ids)))
        inputs = list(tensors_in((args, kwargs)))
        match = _by_memory(inputs, batches) or _by_values(inputs, batches)
        if match is None:
            for batch in batches:
                batch.strangers += 1
        return match

    def only(self, n_rows: int) -> Match | None:
        """The batch on its way, if it is the only one and has so many rows."""
        with self._lock:
            batch = _only(list(self._batches), n_rows)
        return Match(batch, range(n_rows)) if batch else None

    def consume(self, match: Match) -> tuple[bool, list[Batch]]:
        """Note that rows were seen.

        Returns
        -------
        is_first : bool
            False if one of them was seen before: it is another forward of the same batch.
        given_up : list of Batch
            Older batches of the same pass, which the loop has left out.
        """
        batch = match.batch
        with self._lock:
            if batch.has_seen(match.rows):
                return False, []
            batch.see(match.rows)
            given_up = []
            for other in list(self._batches):
                if other is batch:
                    break
                if other.pass_ is batch.pass_:
                    given_up.append(other)
                    self._batches.remove(other)
            for other in self._batches:
                other.is_overtaken = other.is_overtaken or other is not batch
            if 0 not in batch.seen and batch in self._batches:
                self._batches.remove(batch)
            return True, given_up


def _by_memory(inputs: list[torch.Tensor], batches: list[Batch]) -> Match | None:
    for given in inputs:
        found = []
        for batch in batches:
            rows = rows_in_memory(given, batch.tensors, len(batch.ids))
            if rows is not None:
                found.append((batch, rows))
        if len(found) == 1:  # a tensor that several batches share says nothing
            found[0][0].pass_.keeps_values = True
            return Match(*found[0])
    return None


def _by_values(inputs: list[torch.Tensor], batches: list[Batch]) -> Match | None:
    if not inputs:
        return None
    largest = max(given.numel() for given in inputs)
    main = [given for given in inputs if given.numel() == largest]
    n = len(main[0])
    only = _only(batches, n)
    if only is not None and main[0].device.type != "cpu":
        return Match(only, range(n), unsure=main[0])
    found = []
    for batch in batches:
        rows = rows_by_value(main, batch.tensors, len(batch.ids))
        if rows is not None:
            found.append((batch, rows))
    if len(found) == 1:
        found[0][0].pass_.keeps_values = True
        return Match(*found[0])
    if only is not None and not found and not only.pass_.keeps_values:
        return Match(only, range(n))
    return None


def _only(batches: list[Batch], n_rows: int) -> Batch | None:
    """The one batch that a loop can be busy with: what it took from a loader and left lying is none."""
    current = [batch for batch in batches if not batch.pass_.is_over]
    if len(current) != 1 or current[0].is_overtaken or len(current[0].ids) != n_rows or 1 in current[0].seen:
        return None
    return current[0]
