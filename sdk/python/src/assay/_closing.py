"""How a run ends: nothing is left in memory, and the server knows what it should have."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ._buffer import Buffer
from ._classes import Classes
from ._errors import AssayError
from ._finish import close_with_others, close_writer, manifest_of
from ._parts import Part
from ._report import FinishReport
from ._sender import Sender
from ._server import Server
from ._settings import Settings
from ._spool import Spool, spools
from ._tally import Tally, logger
from ._transport import Transport
from .progress import Progress

_ENCODE_TIMEOUT_S = 120.0
_QUIET_S = 2.0


@dataclass
class Closing:
    """Everything of a run that has to come to its end."""

    run_id: str
    writer: str
    writers: int
    generation: int
    settings: Settings
    tally: Tally
    classes: Classes
    buffer: Buffer
    sender: Sender
    spool: Spool | None
    older: list[Spool]
    server: Callable[[], Server | None]

    def close(self, *, wait: bool, incomplete: bool, timeout_s: float | None) -> FinishReport:
        """Send what is left and close the run; what cannot be sent is on disk afterwards. Does not raise."""
        report = FinishReport(self.run_id, is_incomplete=incomplete, spool=self.spool.folder if self.spool else None)
        left: list[Part] = []
        try:
            try:
                if not self.buffer.close(_ENCODE_TIMEOUT_S):
                    self.tally.say(f"rows may be lost as the buffer's thread did not end within {_ENCODE_TIMEOUT_S:.0f} s")
                self._settle(incomplete)
                is_sent = self._drain(timeout_s)
            except KeyboardInterrupt:
                report.is_interrupted, is_sent = True, False
            left = self.sender.stop()
            self._tell_server(report, is_sent, left, wait, timeout_s)
        except KeyboardInterrupt:
            report.is_interrupted, report.state, report.problem = True, "spooled", "it was interrupted"
        except Exception as error:
            logger.exception("assay: cannot finish run %s", self.run_id)
            report.state, report.problem = "spooled", f"{type(error).__name__}: {error}"
        self._tidy(report)
        self._count(report, left)
        self.sender.forget()
        return report

    def _drain(self, timeout_s: float | None) -> bool:
        """Send what is left; said if it takes its time."""
        progress, since = Progress(), time.monotonic()

        def show(fraction: float) -> None:
            if time.monotonic() - since > _QUIET_S:
                progress.update("sending what is left", fraction)

        limit_s = self.settings.finish_timeout_s if timeout_s is None else timeout_s
        try:
            return self.sender.drain(limit_s, is_total=timeout_s is not None, on_progress=show)
        finally:
            progress.close()

    def _settle(self, incomplete: bool) -> None:
        self.classes.settle()
        kinds = {place.part_kind for place in self.buffer.manifest}
        if kinds == {"outputs"} and self.writers == 1 and not self.generation:
            self.tally.say("outputs were logged but no samples, so that nothing can be ranked: log_dataset(ids, labels) before finish()")
        if self.spool:
            try:
                self.spool.write_state(finish=self._request(incomplete))
            except OSError as error:
                self.tally.say(f"the disk does not take the state of the run: {error}")

    def _request(self, incomplete: bool) -> dict[str, Any]:
        return {
            "writer": self.writer,
            "generation": self.generation,
            "manifest": manifest_of(self.buffer.manifest),
            "incomplete": incomplete,
        }

    def _tell_server(self, report: FinishReport, is_sent: bool, left: list[Part], wait: bool, timeout_s: float | None) -> None:
        has_rows = bool(self.buffer.manifest) or bool(self.sender.delivered) or bool(left)
        if not has_rows and self.writers == 1 and not any(spool.read_state().get("request") for spool in self.older):
            report.state = "empty"
            return
        server = self.server()
        if self.settings.mode == "offline":
            report.state = "spooled"
        elif not is_sent or left or server is None or self.classes.names is None:
            report.state, report.problem = "spooled", self._why_not()
        else:
            self._close_run(report, server, wait, self.settings.finish_timeout_s if timeout_s is None else timeout_s)

    def _why_not(self) -> str:
        if self.classes.names is None:
            return "its classes are not known: pass label_names to assay.init()"
        if self.sender.blocked:
            return self.sender.blocked
        if self.sender.kept:
            return f"the server refuses {len(self.sender.kept)} of its parts"
        return str(self.sender.last_error or "not everything could be sent in time")

    def _close_run(self, report: FinishReport, server: Server, wait: bool, timeout_s: float) -> None:
        transport = Transport(server.url, server.api_key, timeout_s=max(1.0, min(60.0, timeout_s)))

        def close(incomplete: bool) -> dict[str, Any]:
            request = self._request(incomplete or report.is_incomplete)
            return close_writer(transport, self.run_id, request, self.tally, timeout_s=timeout_s, delivered=self.sender.delivered)

        progress = Progress()
        try:
            if self.writers > 1 and (self.writer == "0" or wait) and not report.is_incomplete:
                receipt, report.writers_left_out = close_with_others(
                    close,
                    timeout_s=self.settings.writers_timeout_s,
                    on_wait=lambda missing: progress.update(f"waiting for {missing} other writers", 1.0),
                )
            else:
                receipt = close(False)
            report.state, report.job_id = receipt["state"], receipt["job_id"]
            report.is_incomplete |= bool(receipt["incomplete"]) and not report.writers_left_out
        except AssayError as error:
            report.state, report.problem = ("refused" if error.code == "unusable_input" else "spooled"), str(error)
        finally:
            progress.close()
            transport.close()

    def _tidy(self, report: FinishReport) -> None:
        """Remove what nobody needs: an open run may be gone on with, and then this machine must know its generations."""
        for spool in (*self.older, *([self.spool] if self.spool else [])):
            if report.state in ("spooled", "open"):
                spool.close()
            else:
                spool.remove()
        if report.state == "closed" and self.writers > 1:
            for spool in spools(self.settings.spool, self.run_id):
                with suppress(OSError):
                    if spool.open() and not spool.parts():
                        spool.remove()
                spool.close()

    def _count(self, report: FinishReport, left: list[Part]) -> None:
        server = self.server()
        report.url = f"{server.url}/runs/{self.run_id}" if server else None
        tally = self.tally
        report.rows_logged, report.rows_sent, report.rows_resent = tally.logged, tally.sent, tally.resent
        report.rows_lost, report.rows_refused = tally.lost, tally.refused
        report.rows_spooled = sum(part.n_rows for part in left)
        report.sentences = dict(tally.sentences)
