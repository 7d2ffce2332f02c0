"""A training as Assay sees it: log samples once, outputs with every batch, finish."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from ._audit import Audit, drawn_audit
from ._buffer import Buffer
from ._classes import Classes
from ._closing import Closing
from ._errors import AssayError
from ._exit import finish_at_exit, is_finished
from ._labels import plain_labels
from ._opening import RunRequest, open_spools, parse_request
from ._outputs import chosen_place, output_rows
from ._reader import Reader
from ._report import FinishReport
from ._rescore import Rescoring, Thresholds, rescored
from ._rows import LaterRows, OutputArrays, OutputRows, RowsRefused
from ._samples import sample_rows
from ._sender import Sender
from ._server import Server, check_url, find_server, knows_run, no_server
from ._settings import Settings, read_settings
from ._tally import Tally
from .progress import Progress, tell
from .table import SampleTable

if TYPE_CHECKING:
    from ._models import Model
    from ._spool import Spool

_T = TypeVar("_T")

__all__ = ["FinishReport", "OutputArrays", "Run", "start_run"]


def start_run(name: str | None = None, *, url: str | None = None, api_key: str | None = None, mode: str | None = None, **asked: Any) -> Run:
    """Start a run; `assay.init` without making it the current one."""
    return Run(parse_request(name, **asked), read_settings(mode), url, api_key)


class Run:
    """A training as Assay sees it. Use `assay.init`.

    Nothing here raises into a training loop: rows that cannot be logged are refused, which is said at once and counted, and the server may
    be away for as long as it likes. (`ASSAY_STRICT=1` raises ValueError for refused rows.) As a context manager it finishes at the end, as
    incomplete after an exception.

    Attributes
    ----------
    id, name : str
        The run's.
    writer, writers, generation : str, int, int
        Which process of how many this is, and how often it was started again.
    url : str, optional
        Page of the run; None while no server is known.
    """

    def __init__(self, request: RunRequest, settings: Settings, url: str | None, api_key: str | None) -> None:
        self.id, self.name = request.run_id, request.name
        self.writer, self.writers = request.writer, request.writers
        self.url: str | None = None
        self._settings, self._request = settings, request
        self._given_server = url, api_key
        if url or os.environ.get("ASSAY_URL"):
            check_url(url or os.environ["ASSAY_URL"])
        self._server: Server | None = None
        self._report: FinishReport | None = None
        self._finishing = threading.RLock()
        self._is_on = settings.mode != "off"
        self._is_open = self._is_on
        self._tally = Tally()
        self._spool: Spool | None = None
        self._older: list[Spool] = []
        self.generation = request.generation or 0
        self._classes = Classes(None, self._on_classes)
        if self._is_on:
            self._open()
        if request.label_names is not None:
            self._classes.declare(request.label_names)

    def _open(self) -> None:
        import pyarrow  # noqa: F401  it cannot be imported any more when the process ends

        settings = self._settings
        is_offline = settings.mode == "offline"
        server = None if is_offline else find_server(*self._given_server)
        self._spool, self._older, self.generation = open_spools(
            settings.spool, self._request, self._tally, lambda: server is not None and knows_run(server, self.id)
        )
        self._sender = Sender(
            self.id,
            lambda: find_server(*self._given_server),
            self._spool,
            self._tally,
            generation=self.generation,
            max_bytes=settings.buffer_bytes // 2,
            is_offline=is_offline,
            on_server=self._on_server,
        )
        self._sender.adopt(part for spool in [*self._older, *([self._spool] if self._spool else [])] for part in spool.parts())
        self._buffer = Buffer(
            self._sender.offer, self._tally, self.writer, self.generation, self._later_rows, max_bytes=max(1, settings.buffer_bytes // 2)
        )
        finish_at_exit(self)
        if server:
            self._on_server(server)
        where = self.url or (
            "on disk, as the mode is offline" if is_offline else f"on disk until a server is there. {no_server(self._given_server[0])}"
        )
        tell(f'assay: run "{self.name}": {where}')

    @property
    def label_names(self) -> tuple[str, ...] | None:
        """Class names in logit order; None while they are not known."""
        return self._classes.names

    def declare_classes(self, label_names: Sequence[str]) -> None:
        """Name the classes in logit order, before the first logits; the same names again change nothing.

        A second, different call is refused.
        """
        try:
            self._classes.declare(label_names)
        except ValueError as error:
            self._refuse(0, str(error), error)

    def log_dataset(
        self,
        ids: Any,
        labels: Any = None,
        *,
        split: str = "training",
        texts: Any = None,
        images: Any = None,
        features: Any = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """Log samples as columns of equal length; in any number of calls, each sample once.

        Parameters
        ----------
        ids : sequence of str or int
            (n,). Unique within the split.
        labels : sequence of str, int or None, optional
            (n,). Class names or indices. None, NaN and negative indices mean unlabelled.
        split : str, default="training"
            ``training``, ``validation`` or ``test``.
        texts : sequence of str or None, optional
            (n,). What people read.
        images : sequence, optional
            (n,). Bytes or paths of image files, ``https:`` URIs, PIL images, or uint8 arrays (height, width, 3).
        features : array of numbers, optional
            (n, n_features). Numbers of table rows.
        metadata : mapping, optional
            Any other columns by name, (n,) each: numbers, strings, booleans, dates, lists.
        """
        if not self._takes(ids):
            return
        n_put = 0
        try:
            place = chosen_place("samples", split, 0, None)
            given = None if labels is None else plain_labels(labels)
            strangers = self._classes.see(given or [])
            if strangers:
                self._tally.say(
                    f"labels must be classes of the run, and the server will not use samples of others, such as {strangers[0]!r}"
                )
            for rows in sample_rows(ids, given, place.split, texts, images, features, metadata):
                self._tally.take(len(rows))
                self._buffer.put(rows)
                n_put += len(rows)
        except Exception as error:
            self._refuse(_length(ids) - n_put, _why(error), error)

    def log_outputs(
        self,
        ids: Any,
        logits: Any = None,
        *,
        probs: Any = None,
        embeddings: Any = None,
        epoch: int,
        split: str = "training",
        prediction_kind: str | None = None,
    ) -> None:
        """Log what the model said about some samples, a batch or all of them, in any order.

        Costs no more than a copy of the arrays, so that the caller may change its own at once, and all else happens in a thread.
        float16, float32 and float64 arrive equal to the bit.

        Parameters
        ----------
        ids : sequence of str or int
            (n,). Sample of each row; it may be there more than once.
        logits : array of numbers
            (n, n_classes). Before softmax; this or `probs`.
        probs : array of numbers
            (n, n_classes). Rows sum to one.
        embeddings : array of numbers, optional
            (n, width). The last epoch is enough.
        epoch : int
            From 0.
        split : str, default="training"
            ``training``, ``validation`` or ``test``.
        prediction_kind : str, optional
            ``in_sample`` or ``out_of_sample``: whether the model was trained on these samples. Default: on those of split training.
        """
        if not self._takes(ids):
            return
        try:
            place = chosen_place("outputs", split, epoch, prediction_kind)
            rows = output_rows(place, ids, logits, probs, embeddings, self._classes.fit)
        except Exception as error:
            self._refuse(_length(ids), _why(error), error)
            return
        self._warn_of_order()
        for some in rows:
            self._tally.take(len(some))
            self._buffer.put(some)

    def log_outputs_later(self, n_rows: int, nbytes: int, make: Callable[[], OutputArrays], *, epoch: int, split: str) -> None:
        """Log outputs that `make` gives when it is called, on the buffer's thread.

        Parameters
        ----------
        n_rows : int
            Rows it will give.
        nbytes : int
            Memory that is held until then.
        make : callable
            Gives `OutputArrays`; it may wait, as for a copy from a device. What it raises refuses the rows.
        """
        if not self._takes(range(n_rows)):
            return
        try:
            place = chosen_place("outputs", split, epoch, None)
        except RowsRefused as error:
            self._refuse(n_rows, _why(error), error)
            return
        self._tally.take(n_rows)
        self._buffer.put(LaterRows(place, n_rows, nbytes, make))

    def close_epoch(self, split: str, epoch: int) -> None:
        """Say that no more outputs of an epoch are to be expected: they are sent now."""
        if self._is_open and self._is_ours():
            self._buffer.close_epoch(split, epoch)

    def note_refused(self, n_rows: int, sentence: str) -> None:
        """Count rows that could not be logged; said at once, once for each sentence, and again at the end."""
        if self._is_on and self._is_ours():
            self._tally.refuse(n_rows, f"rows were refused as {sentence}")

    def finish(self, *, wait: bool = False, incomplete: bool = False, timeout_s: float | None = None) -> FinishReport:
        """Send what is left, close the run, and say what became of every row. Happens by itself when the process ends.

        What cannot be sent stays on disk for `assay sync`. Raises nothing but KeyboardInterrupt, when Ctrl-C came and all is on disk. A
        second call changes nothing, but may wait.

        Parameters
        ----------
        wait : bool, default=False
            Whether to wait until the run is scored, with a progress bar.
        incomplete : bool, default=False
            Closes the run with what is there, for all its writers.
        timeout_s : float, optional
            Longest time to send what is left; default: `ASSAY_FINISH_TIMEOUT_S` (60) without anything going through.
        """
        with self._finishing:
            if self._report is None:
                self._report = FinishReport(self.id)
                if self._is_on and self._is_ours():
                    self._is_open = False
                    self._report = self._closing().close(wait=wait, incomplete=incomplete, timeout_s=timeout_s)
                    is_finished(self)
                    tell(*self._report.lines(self.name))
                    if self._report.is_interrupted:
                        raise KeyboardInterrupt
            report = self._report
        if wait and report.job_id:
            try:
                self._wait(report.job_id)
            except AssayError as error:
                tell(f"assay: {error}")
        return report

    def worst(self, n: int = 50, **conditions: Any) -> SampleTable:
        """The worst samples of the finished run, worst first; waits until it is scored.

        Parameters
        ----------
        n : int, default=50
            How many.
        **conditions
            Which: `split`, `issue_type`, `label`, `predicted`, `suggested`, `min_score`, `max_score`, `verdict`, `q` (text search), `sort`
            (``rank`` or ``hardness``).

        Raises
        ------
        AssayError
            If the server cannot say.
        """
        if not self._is_on:
            return SampleTable([])
        return SampleTable(self._read(lambda reader: reader.worst(n, conditions)))

    def summary(self) -> dict[str, Any]:
        """What the finished run came to: verdict in words, counts, estimated noise rate; waits until it is scored.

        Raises
        ------
        AssayError
            If the server cannot say.
        """
        return self._read(lambda reader: reader.summary()) if self._is_on else {}

    def audit(self, n_samples: int = 100, *, seed: int = 0) -> Audit:
        """Draw samples to judge, so that the number of wrong labels is known with a 90 % interval; waits until the run is scored.

        Parameters
        ----------
        n_samples : int, default=100
            How many, 10 to 2,000; 30 say something, 300 say it within half the width.
        seed : int, default=0
            Another one draws other samples; the same arguments give the same audit, until the run is scored again.

        Raises
        ------
        AssayError
            If the server cannot say.
        """
        return self._read(lambda reader: drawn_audit(reader, n_samples, seed))

    def rescore(
        self,
        *,
        thresholds: Thresholds | None = None,
        verdicts: bool = True,
        model_id: str | Model | None = "last",
        prediction_kind: str | None = None,
    ) -> Rescoring:
        """Score the run again: a new revision beside the old one; waits until it is scored for the first time.

        Parameters
        ----------
        thresholds : mapping, optional
            By issue type and name; ``{}`` are the defaults. Left out: those of the last time.
        verdicts : bool, default=True
            Whether what people said counts.
        model_id : str, Model or None, default="last"
            A stored ONNX model to run over the samples again; `assay.upload_model` stores one. ``"last"``: the outputs of the last time, a
            model's among them, and nothing is run. None: back to what was logged.
        prediction_kind : str, optional
            ``out_of_sample`` where that model had not trained on the samples, ``in_sample`` where it had on all; default it had on those of
            the training split.

        Raises
        ------
        AssayError
            If the server refuses it, with the reason.
        """
        return self._read(lambda reader: rescored(reader.server, [self.id], None, thresholds, verdicts, model_id, prediction_kind))

    def forget(self) -> None:
        """After a fork: leave everything to the parent."""
        for spool in (self._spool, *self._older):
            if spool:
                spool.forget()

    def __enter__(self) -> Run:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.finish(incomplete=error is not None)

    def _closing(self) -> Closing:
        return Closing(
            self.id,
            self.writer,
            self.writers,
            self.generation,
            self._settings,
            self._tally,
            self._classes,
            self._buffer,
            self._sender,
            self._spool,
            self._older,
            lambda: self._server,
        )

    def _read(self, read: Callable[[Reader], _T]) -> _T:
        report = self._report
        if report is not None and report.job_id:
            self._wait(report.job_id)
        try:
            return read(self._reader())
        except AssayError as error:
            if error.status in (404, 409) and (report is None or report.state == "spooled"):
                hint = "finish it first, with finish(wait=True)" if report is None else f"send it first, with: assay sync {self.id}"
                raise AssayError(error.code, error.status, f"{error}; {hint}", error.details) from error
            raise

    def _wait(self, job_id: str) -> None:
        progress = Progress()
        try:
            self._reader().wait(job_id, progress.update)
        finally:
            progress.close()

    def _reader(self) -> Reader:
        server = self._server or find_server(*self._given_server)
        if server is None:
            raise AssayError("no_server", 0, no_server(self._given_server[0]))
        return Reader(server, self.id)

    def _is_ours(self) -> bool:
        return os.getpid() == self._request.pid

    def _takes(self, ids: Any) -> bool:
        if self._is_open and self._is_ours():
            return True
        if self._is_on and self._is_ours():
            self._refuse(_length(ids), "the run is finished", None)
        return False

    def _refuse(self, n_rows: int, sentence: str, error: Exception | None) -> None:
        self.note_refused(n_rows, sentence)
        if self._settings.strict:
            raise ValueError(f"Cannot log {n_rows} rows as {sentence}") from error

    def _later_rows(self, later: LaterRows) -> list[OutputRows]:
        made = OutputArrays(*later.make())
        if len(made.ids) != later.n_rows:
            raise RowsRefused(f"{later.n_rows} rows were announced: got {len(made.ids)}")
        rows = list(output_rows(later.place, made.ids, made.logits, None, made.embeddings, self._classes.fit))
        self._warn_of_order()
        return rows

    def _warn_of_order(self) -> None:
        if self._classes.assumed_order:
            self._classes.assumed_order = False
            self._tally.say("classes are taken to be in alphabetical order: pass label_names to assay.init() if the logits have another")

    def _on_classes(self, names: tuple[str, ...]) -> None:
        if not self._is_on:
            return
        body = self._request.body(names)
        self._note(request=body)
        self._sender.declare(body)

    def _on_server(self, server: Server) -> None:
        is_new = server != self._server
        self._server = server
        self.url = f"{server.url}/runs/{self.id}"
        if is_new:
            self._note(server=server.noted())

    def _note(self, **facts: Any) -> None:
        if self._spool:
            try:
                self._spool.write_state(**facts)
            except OSError as error:
                self._tally.say(f"the disk does not take the state of the run: {error}")


def _length(ids: Any) -> int:
    try:
        return len(ids)
    except TypeError:
        return 1


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, RowsRefused) else f"{type(error).__name__}: {error}"
