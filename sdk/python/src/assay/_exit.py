"""What happens when the process ends, or forks."""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import suppress
from types import TracebackType
from typing import Any, Protocol

_INTERRUPTED_TIMEOUT_S = 10.0
_OTHERS_TIMEOUT_S = 5.0


class Finishable(Protocol):
    """What is finished at exit."""

    def finish(self, *, incomplete: bool = ..., timeout_s: float | None = ...) -> Any:
        """Send what is left; does not raise."""

    def forget(self) -> None:
        """After a fork: leave everything to the parent."""


_runs: list[Finishable] = []
_watched_pid: int | None = None
_uncaught: BaseException | None = None


def finish_at_exit(run: Finishable) -> None:
    """Finish a run when the process ends: as incomplete after an exception that nobody caught, or Ctrl-C."""
    global _watched_pid
    _runs.append(run)
    if _watched_pid is None:
        _wrap_excepthook()
        atexit.register(_finish_all)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_forget_all)
    if _watched_pid != os.getpid():
        _watched_pid = os.getpid()
        _finish_with_multiprocessing()


def is_finished(run: Finishable) -> None:
    """Nothing is left to do for a run."""
    if run in _runs:
        _runs.remove(run)


def _finish_with_multiprocessing() -> None:
    """A process that `multiprocessing` forks ends without `atexit`, and shows an exception to no hook."""
    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None:
        from multiprocessing.util import Finalize

        Finalize(None, _finish_all, exitpriority=0)


def _wrap_excepthook() -> None:
    before = sys.excepthook

    def note_and_go_on(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        global _uncaught
        if not hasattr(sys, "ps1"):  # at a prompt, people go on after an exception
            _uncaught = error
        before(kind, error, trace)

    sys.excepthook = note_and_go_on


def _finish_all() -> None:
    error = _uncaught or sys.exc_info()[1]
    is_failed = error is not None and not (isinstance(error, SystemExit) and error.code in (None, 0))
    timeout_s = _INTERRUPTED_TIMEOUT_S if isinstance(error, KeyboardInterrupt) else None
    for run in list(_runs):
        with suppress(KeyboardInterrupt):
            report = run.finish(incomplete=is_failed, timeout_s=timeout_s)
            if getattr(report, "state", None) == "spooled":  # the server is away: do not wait as long for each of many runs
                timeout_s = _OTHERS_TIMEOUT_S


def _forget_all() -> None:
    for run in list(_runs):
        run.forget()
    _runs.clear()
