"""Rows in memory, between the training loop and what sends them."""

from __future__ import annotations

import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from typing import Any

from ._parts import PART_BYTES, Part, encode
from ._rows import CloseEpoch, LaterRows, OutputRows, Place, RowsRefused
from ._tally import Tally, logger

_INTERVAL_S = 0.2
_OPEN_S = 30.0
_WAKE_BYTES = 4_000_000
_STUCK_S = 30.0


class Buffer:
    """Takes rows at the cost of an append; one daemon thread makes parts of them and hands these on.

    Parameters
    ----------
    offer : callable
        Takes one part; it may write to the disk but never waits for the network. Called on the buffer's thread only.
    tally : Tally
        Where rows are counted.
    writer, generation : str, int
        Whose rows.
    resolve : callable
        Makes rows of `LaterRows`, on the buffer's thread.
    max_bytes : int
        Most bytes of rows waiting. Past it `put` waits for the thread, which is as fast as the disk; rows are lost if it stands still.
    """

    def __init__(
        self,
        offer: Callable[[Part], None],
        tally: Tally,
        writer: str,
        generation: int,
        resolve: Callable[[LaterRows], list[OutputRows]],
        *,
        max_bytes: int = 128 << 20,
    ) -> None:
        self.manifest: dict[Place, list[int]] = {}
        self._offer, self._tally, self._resolve, self._max_bytes = offer, tally, resolve, max_bytes
        self._writer, self._generation = writer, generation
        self._session = uuid.uuid4().hex
        self._n_parts = 0
        self._queue: deque[Any] = deque()
        self._pending_bytes = 0
        self._done_items = 0
        self._changed = threading.Condition()
        self._is_woken = False
        self._has_ended = False
        self._open: dict[Any, _OpenPart] = {}
        self._newest: dict[tuple[str, str], int] = {}
        self._is_closed = False
        threading.Thread(target=self._run, name="assay-buffer", daemon=True).start()

    def put(self, rows: Any) -> None:
        """Take rows. Never waits for the network, never raises."""
        if self._pending_bytes + rows.nbytes > self._max_bytes and not self._has_room():
            self._tally.lose(
                len(rows),
                f"rows were lost as the buffer of {self._max_bytes >> 20} MB is full and its thread has stood still for {_STUCK_S:.0f} s",
            )
            return
        with self._changed:
            is_late = self._is_closed
            if not is_late:
                self._queue.append(rows)
                self._pending_bytes += rows.nbytes
                if self._pending_bytes > _WAKE_BYTES:
                    self._wake()
        if is_late:
            self._tally.refuse(len(rows), "rows were refused as the run is finished", was_taken=True)

    def close_epoch(self, split: str, epoch: int) -> None:
        """The open parts of an epoch are handed on soon."""
        self._queue.append(CloseEpoch(split, epoch))
        self._wake()

    def close(self, timeout_s: float) -> bool:
        """Hand on everything put so far; nothing may be put afterwards.

        Returns
        -------
        done : bool
            False if `timeout_s` seconds passed first.
        """
        with self._changed:  # waiting lets go of it also where a signal's handler closes what its own thread was about to put
            self._is_closed = True
            self._wake()
            return self._changed.wait_for(lambda: self._has_ended, timeout_s)

    def _wake(self) -> None:
        with self._changed:
            self._is_woken = True
            self._changed.notify_all()

    def _has_room(self) -> bool:
        """Wait until half of the bound is free; False if nothing moves."""
        with self._changed:
            self._wake()
            while self._pending_bytes > self._max_bytes // 2:
                if not self._moves(self._done_items):
                    return False
        return True

    def _moves(self, done_before: int) -> bool:
        return self._changed.wait_for(lambda: self._done_items != done_before, _STUCK_S)

    def _run(self) -> None:
        try:
            while not self._is_closed:
                with self._changed:
                    self._changed.wait_for(lambda: self._is_woken, _INTERVAL_S)
                    self._is_woken = False
                self._drain()
                self._cut(lambda part: time.monotonic() - part.since > _OPEN_S)
            self._drain()
            self._cut(lambda part: True)
        finally:
            with self._changed:
                self._has_ended = True
                self._changed.notify_all()

    def _drain(self) -> None:
        while self._queue:
            item = self._queue.popleft()
            try:
                self._take(item)
            except Exception as error:  # whatever a user's `make` raises must not end the thread
                if not isinstance(error, RowsRefused):
                    logger.debug("assay: rows refused", exc_info=error)
                sentence = str(error) if isinstance(error, RowsRefused) else f"{type(error).__name__}: {error}"
                self._tally.refuse(len(item), f"rows were refused as {sentence}", was_taken=True)
            nbytes = getattr(item, "nbytes", 0)
            del item
            with self._changed:
                self._pending_bytes -= nbytes
                self._done_items += 1
                self._changed.notify_all()

    def _take(self, item: Any) -> None:
        if isinstance(item, CloseEpoch):
            self._cut(lambda part: part.place.split == item.split and part.place.epoch == item.epoch)
            return
        for rows in self._resolve(item) if isinstance(item, LaterRows) else [item]:
            self._add(rows)

    def _add(self, rows: Any) -> None:
        place = rows.place
        newest = self._newest.get(place[:2], place.epoch)
        if place.epoch > newest:
            self._cut(lambda part: part.place[:2] == place[:2])
        self._newest[place[:2]] = max(place.epoch, newest)
        signature = rows.signature()
        part = self._open.setdefault(signature, _OpenPart(place))
        part.rows.append(rows)
        part.nbytes += rows.nbytes
        if part.nbytes >= PART_BYTES:
            self._hand_on(self._open.pop(signature))

    def _cut(self, which: Callable[[_OpenPart], bool]) -> None:
        for signature in [signature for signature, part in self._open.items() if which(part)]:
            self._hand_on(self._open.pop(signature))

    def _hand_on(self, part: _OpenPart) -> None:
        try:
            pieces = list(encode(part.rows))
        except Exception as error:  # refuse no more than the rows that cannot be encoded
            if len(part.rows) > 1:
                for rows in part.rows:
                    self._hand_on(_OpenPart(part.place, [rows]))
                return
            self._tally.refuse(len(part.rows[0]), f"rows were refused as {error}", was_taken=True)
            return
        for n_rows, content in pieces:
            try:
                self._offer(self._numbered(part.place, n_rows, content))
            except Exception as error:
                logger.exception("assay: a part cannot be taken")
                self._tally.lose(n_rows, f"rows were lost by a fault of ours, {type(error).__name__}: {error}")

    def _numbered(self, place: Place, n_rows: int, content: bytes) -> Part:
        counts = self.manifest.setdefault(place._replace(prediction_kind=None), [0, 0])
        seq = counts[0]
        counts[0] += 1
        counts[1] += n_rows
        self._n_parts += 1
        key = f"{self._session}-{self._n_parts}"
        return Part(place, self._writer, self._generation, seq, key, n_rows, len(content), content)


class _OpenPart:
    def __init__(self, place: Place, rows: list[Any] | None = None) -> None:
        self.place = place
        self.rows: list[Any] = rows or []
        self.nbytes = 0
        self.since = time.monotonic()
