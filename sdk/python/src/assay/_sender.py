"""Parts on their way to the server."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ._errors import AssayError
from ._parts import Part
from ._server import Server, no_server
from ._spool import Spool, content_of
from ._tally import Tally, logger
from ._transport import Transport, is_retryable

_FIRST_DELAY_S = 0.2
_MOST_DELAY_S = 10.0
_REMEMBERED_BYTES = 32_000_000
_NO_SERVER_S = 5.0


class Sender:
    """Sends parts from one daemon thread, in their order, again and again while the server is away; what memory has no room for is on disk.

    Parameters
    ----------
    run_id : str
        Whose parts.
    find : callable
        Gives the server, or None while there is none.
    spool : Spool, optional
        Where parts wait that do not fit in memory; None: nowhere.
    tally : Tally
        Where rows are counted.
    generation : int
        Of the parts that are made now; those of an earlier one may be adopted.
    max_bytes : int
        Most bytes of parts in memory.
    is_offline : bool
        Whether everything goes to the disk.
    on_server : callable
        Told where the server is, once it is known.

    Attributes
    ----------
    kept : list of Part
        Refused by the server; on disk if it takes them.
    blocked : str, optional
        Why nothing can be sent at all.
    last_error : AssayError, optional
        Why the last request did not go through; None: it did.
    delivered : dict
        Parts that the server has, by kind, split, epoch and seq; the newest of them, up to 32 MB, with their contents.
    """

    def __init__(
        self,
        run_id: str,
        find: Callable[[], Server | None],
        spool: Spool | None,
        tally: Tally,
        *,
        generation: int = 0,
        max_bytes: int = 128 << 20,
        is_offline: bool = False,
        on_server: Callable[[Server], None] = lambda server: None,
    ) -> None:
        self.kept: list[Part] = []
        self.blocked: str | None = None
        self.last_error: AssayError | None = None
        self.delivered: dict[tuple[str, str, int, int], Part] = {}
        self._run_id, self._find, self._spool, self._tally = run_id, find, spool, tally
        self._generation, self._max_bytes, self._is_offline, self._on_server = generation, max_bytes, is_offline, on_server
        self._server: Server | None = None
        self._transport: Transport | None = None
        self._request: Mapping[str, Any] | None = None
        self._is_made = False
        self._is_stopped = False
        self._progressed_at = time.monotonic()
        self._remembered: deque[Part] = deque()
        self._remembered_bytes = 0
        self._parts: deque[Part] = deque()
        self._changed = threading.Condition()
        if not is_offline:
            threading.Thread(target=self._run, name="assay-sender", daemon=True).start()

    def declare(self, request: Mapping[str, Any]) -> None:
        """Say what the run is; nothing is sent before."""
        with self._changed:
            self._request = request
            self._changed.notify_all()

    def offer(self, part: Part) -> None:
        """Take one part. Never waits for the network, never raises."""
        is_full = self._bytes() + part.nbytes > self._max_bytes
        if self._is_offline or self.blocked or is_full:
            is_kept = self._keep(part)
            if not is_kept and (self._is_offline or self._bytes() > 2 * self._max_bytes):
                self._tally.lose(part.n_rows, "rows were lost as neither memory nor disk has room for them")
                return
        self.adopt([part])

    def adopt(self, parts: Iterable[Part]) -> None:
        """Take parts as they are, such as those that lie on disk."""
        with self._changed:
            self._parts.extend(parts)
            self._changed.notify_all()

    def drain(self, timeout_s: float, *, is_total: bool = False, on_progress: Callable[[float], None] = lambda fraction: None) -> bool:
        """Wait until nothing is left to send.

        Parameters
        ----------
        timeout_s : float
            How long to wait while nothing goes through; some seconds if there never was a server.
        is_total : bool, default=False
            Whether it counts from now, whatever goes through.
        on_progress : callable
            Told now and then what share is done.

        Returns
        -------
        done : bool
            False if parts are left.
        """
        since = time.monotonic()
        with self._changed:
            most = len(self._parts)
            while self._parts:
                on_progress(1 - len(self._parts) / most)
                began = since if is_total else max(since, self._progressed_at)
                has_none = self._server is None and self.last_error is not None and self.last_error.code == "no_server"
                most_s = min(timeout_s, _NO_SERVER_S) if has_none and not is_total else timeout_s
                left = began + most_s - time.monotonic()
                if left <= 0 or self.blocked or self._request is None or self._is_offline or self._is_stopped:
                    return False
                self._changed.wait(min(left, 1.0))
        return True

    def stop(self) -> list[Part]:
        """End the thread; parts that the server does not have are on disk then, and returned. What the disk does not take is lost."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()
            waiting = [*self.kept, *self._parts]
        left = []
        for part in waiting:
            if self._keep(part):
                left.append(part)
            else:
                self._tally.lose(part.n_rows, "rows were lost as the server did not take them and the disk does not either")
        return left

    def forget(self) -> None:
        """Let go of what was delivered: the run is finished, but whoever holds it need not hold its bytes."""
        self.delivered.clear()
        self._remembered.clear()

    def _run(self) -> None:
        try:
            self._send_all()
        except Exception as error:  # a fault of ours must not look like a server that is away
            logger.exception("assay: the sender of run %s ended", self._run_id)
            self._block(f"{type(error).__name__}: {error}")
        if self._transport:
            self._transport.close()

    def _send_all(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._is_stopped or (self._request is not None and (self._parts or not self._is_made)))
                if self._is_stopped:
                    return
                part = self._parts[0] if self._parts else None
            if self._try(self._make_run) and part is not None:
                self._deliver(part)
            if self.blocked:
                return

    def _deliver(self, part: Part) -> None:
        try:
            content = content_of(part)
        except OSError as error:
            if not self._is_stopped:
                self._tally.lose(part.n_rows, f"rows were lost as their file cannot be read: {error}")
                self._done(part)
            return
        is_again = part.path is not None
        if self._try(lambda transport: send_part(transport, self._run_id, part, content), part):
            self._done(part, lambda: self._delivered(part, is_again or part.attempts > 1))

    def _delivered(self, part: Part, is_again: bool) -> None:
        self._tally.deliver(part.n_rows, is_again)
        if part.path is not None:
            part.path.unlink(missing_ok=True)
        if part.generation != self._generation:
            return
        self.delivered[part.position] = part
        if part.content is not None:
            self._remembered.append(part)
            self._remembered_bytes += part.nbytes
        while self._remembered_bytes > _REMEMBERED_BYTES:
            oldest = self._remembered.popleft()
            self._remembered_bytes -= oldest.nbytes
            oldest.content = None

    def _try(self, send: Callable[[Transport], Any], part: Part | None = None) -> bool:
        """Send until the server answers for good; False if it refuses, or it is time to stop."""
        delay = _FIRST_DELAY_S
        while not self._is_stopped:
            if part is not None:
                part.attempts += 1
            try:
                send(self._connected())
                self.last_error = None
                return True
            except AssayError as error:
                self.last_error = error
                if not is_retryable(error):
                    self._refused(error, part)
                    return False
                logger.info("assay: %s; trying again", error)
                wait_s = delay if error.retry_after_s is None else error.retry_after_s
            delay = min(_MOST_DELAY_S, delay * 2)
            with self._changed:
                self._changed.wait_for(lambda: self._is_stopped, wait_s)
        return False

    def _connected(self) -> Transport:
        if self._transport is not None and (self.last_error is None or self.last_error.status != 0):
            return self._transport
        server = self._find()
        if self._server is None and server is None:
            raise AssayError("no_server", 0, no_server())
        is_same = self._server is None or (server is not None and server.api_key == self._server.api_key)
        if server is not None and is_same and server != self._server:  # one that was started again may have another port
            self._server, self._transport = server, Transport(server.url, server.api_key)
            self._on_server(server)
        assert self._transport
        return self._transport

    def _make_run(self, transport: Transport) -> None:
        if not self._is_made:
            transport.send("PUT", f"ingest/v1/runs/{self._run_id}", body=self._request)
            self._is_made = True
            self._progressed_at = time.monotonic()

    def _refused(self, error: AssayError, part: Part | None) -> None:
        if part is None or error.status in (401, 403, 404):
            self._block(f"{error} ({error.code})")
        elif error.code == "run_closed":
            self._done(part, lambda: self._too_late(part, error))
        else:
            self._keep(part)
            self._tally.say(f"a part stays on disk as the server refuses it: {error} ({error.code})")
            self._done(part, lambda: self.kept.append(part))

    def _block(self, why: str) -> None:
        """Nothing goes any more: everything to the disk."""
        self.blocked = why
        self._tally.say(f"nothing can be sent and everything stays on disk: {why}")
        with self._changed:
            waiting = list(self._parts)
        for part in waiting:
            self._keep(part)
        with self._changed:
            self._changed.notify_all()

    def _too_late(self, part: Part, error: AssayError) -> None:
        self._tally.lose(part.n_rows, f"rows came too late: {error}")
        if part.path is not None:
            part.path.unlink(missing_ok=True)

    def _done(self, part: Part, note: Callable[[], None] = lambda: None) -> None:
        """The server's last word on the first part; after `stop` nobody hears it, and the part is sent again under the same key."""
        with self._changed:
            if self._is_stopped:
                return
            self._parts.popleft()
            note()
            self._progressed_at = time.monotonic()
            self._changed.notify_all()

    def _bytes(self) -> int:
        with self._changed:
            return sum(part.nbytes for part in self._parts if part.content is not None)

    def _keep(self, part: Part) -> bool:
        """Whether a part is on disk."""
        if part.path is not None:
            return True
        try:
            if self._spool is None:
                raise OSError("there is no folder for it")
            self._spool.keep(part)
        except OSError as error:
            self._tally.say(f"the disk does not take what has to wait: {error}")
            return False
        part.content = None
        return True


def send_part(transport: Transport, run_id: str, part: Part, content: bytes) -> None:
    """Send one part once.

    Raises
    ------
    AssayError
        If the server refuses or does not answer.
    """
    kind, split, epoch, prediction_kind = part.place
    query = {
        "kind": kind,
        "split": split,
        "epoch": epoch,
        "writer": part.writer,
        "generation": part.generation,
        "seq": part.seq,
        "prediction_kind": prediction_kind,
    }
    transport.send("POST", f"ingest/v1/runs/{run_id}/parts", query=query, content=content, headers={"Idempotency-Key": part.key})
