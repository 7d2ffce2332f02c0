"""Sending what is on disk, and finishing the runs it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any

from ._errors import AssayError
from ._finish import close_writer
from ._sender import Sender
from ._server import Server, find_server
from ._spool import Spool, spools
from ._tally import Tally
from ._transport import Transport


def sync(
    root: Path,
    run_id: str | None,
    say: Callable[[str], None],
    *,
    is_finishing: bool = True,
    timeout_s: float = 60.0,
    find: Callable[[], Server | None] = find_server,
    is_any_server: bool = False,
) -> bool:
    """Send the parts on disk of all runs or one, then finish the runs.

    A writer whose process ended without finishing closes its run as incomplete, unless another of its processes still runs.

    Parameters
    ----------
    root : Path
        Folder of what is on disk.
    run_id : str, optional
        Only this run.
    say : callable
        Told what happens, a line each.
    is_finishing : bool, default=True
        Whether runs are finished, or kept open for a process that goes on with them.
    timeout_s : float, default=60.0
        How long to wait while the server does not answer.
    is_any_server : bool, default=False
        Whether a server is given what was logged to another.

    Returns
    -------
    done : bool
        Whether nothing is left.
    """
    is_done = True
    found = False
    for run, folders in groupby(spools(root, run_id), key=lambda spool: spool.run_id):
        found = True
        is_done &= _sync_run(root, run, list(folders), say, is_finishing, timeout_s, find, is_any_server)
    if not found:
        say(f"Nothing waits in {root}" if run_id is None else f"Nothing of run {run_id} waits in {root}")
        return run_id is None
    return is_done


def discard(root: Path, run_id: str, say: Callable[[str], None]) -> bool:
    """Remove what is on disk of a run whose process has ended; False if there is nothing, or the process runs."""
    found = list(spools(root, run_id))
    held = [spool for spool in found if spool.open()]
    n_rows = sum(part.n_rows for spool in held for part in spool.parts())
    for spool in held:
        spool.remove()
    if len(held) < len(found):
        say(f"Run {run_id}: its process runs")
    elif held:
        say(f"Run {run_id}: {n_rows:,} rows removed, which no server has")
    else:
        say(f"Nothing of run {run_id} waits in {root}")
    return bool(held) and len(held) == len(found)


def waiting(root: Path) -> Iterator[tuple[Spool, int, int, str]]:
    """Folders with what waits in each: parts, rows, and what is known of the process."""
    for spool in spools(root):
        parts = spool.parts()
        if not spool.open():
            state = "its process runs"
        else:
            spool.close()
            state = "finished" if spool.read_state().get("finish") else "its process ended without finishing"
        yield spool, len(parts), sum(part.n_rows for part in parts), state


def _sync_run(
    root: Path,
    run_id: str,
    folders: list[Spool],
    say: Callable[[str], None],
    is_finishing: bool,
    timeout_s: float,
    find: Callable[[], Server | None],
    is_any_server: bool,
) -> bool:
    held = [spool for spool in folders if spool.open()]
    _note(held, is_syncing=True)
    name = next((spool.read_state().get("name") for spool in folders if spool.read_state()), None) or run_id[:8]
    title = f'Run "{name}" ({run_id})'
    try:
        if not held:
            say(f"{title}: left alone, as its process runs")
            return True
        strange = None if is_any_server else _strange_server(held, find())
        if strange:
            say(f"{title}: left on disk: {strange}")
            return False
        senders = [(spool, *_send(spool, timeout_s, find)) for spool in held]
        rows = sum(tally.sent for _, _, tally, _ in senders)
        problem = next((problem for *_, problem in senders if problem), None)
        if problem:
            say(f"{title}: {rows:,} rows sent, the rest stays on disk: {problem}")
            return False
        lost = sum(tally.lost for _, _, tally, _ in senders)
        counted = f"{rows:,} rows sent" + (f", {lost:,} lost as they came too late" if lost else "")
        if not is_finishing:
            say(f"{title}: {counted}, kept open")
            return True
        is_running = len(held) < len(list(spools(root, run_id)))  # asked now, for one may have begun meanwhile
        outcome = _finish([(spool, sender) for spool, sender, *_ in senders], is_running, timeout_s, find)
        say(f"{title}: {counted}, {outcome}")
        return True
    except AssayError as error:
        say(f"{title}: not finished: {error}")
        return False
    finally:
        _note(held, is_syncing=False)
        for spool in held:
            spool.close()


def _note(held: list[Spool], **facts: Any) -> None:
    for spool in held:
        with suppress(OSError):  # the folder may be removed, or the disk full
            spool.write_state(**facts)


def _strange_server(held: list[Spool], server: Server | None) -> str | None:
    """Why a server is not given what was logged to another; None if it is the same."""
    for spool in held:
        noted = spool.read_state().get("server")
        if server and noted and not server.is_noted(noted):
            return (
                f"it was logged to {noted.get('url')}, and the server here is {server.url}: set ASSAY_URL and ASSAY_API_KEY, or add"
                " --any-server"
            )
    return None


def _send(spool: Spool, timeout_s: float, find: Callable[[], Server | None]) -> tuple[Sender, Tally, str | None]:
    parts = spool.parts()
    request = spool.read_state().get("request")
    tally = Tally()
    sender = Sender(spool.run_id, find, spool, tally, generation=spool.generation)
    try:
        if request is None:
            return sender, tally, "the names of its classes are not known" if parts else None
        sender.adopt(parts)
        sender.declare(request)
        if sender.drain(timeout_s) and not sender.kept:
            return sender, tally, None
        return sender, tally, sender.blocked or str(sender.last_error or "the server refuses parts")
    finally:
        sender.stop()


def _finish(senders: list[tuple[Spool, Sender]], is_running: bool, timeout_s: float, find: Callable[[], Server | None]) -> str:
    """Finish each writer with its newest generation; those that were killed last, for they close the run for all."""
    newest = {spool.writer: (spool, sender) for spool, sender in senders}  # generations come in ascending order
    states = {writer: spool.read_state() for writer, (spool, _) in newest.items()}
    killed = [writer for writer in newest if not states[writer].get("finish")]
    outcome, is_open = "nothing to finish", False
    for writer in sorted(newest, key=lambda writer: writer in killed):
        spool, sender = newest[writer]
        if not states[writer].get("request"):
            continue
        if writer in killed and is_running:
            return "left open, as another of its processes runs"
        request = states[writer].get("finish") or _taken_as_it_is(spool)
        outcome, is_open = _finish_writer(spool, sender, request, timeout_s, find)
    if not is_open:
        for spool, _ in senders:
            spool.remove()
    return outcome


def _taken_as_it_is(spool: Spool) -> dict[str, Any]:
    return {"writer": spool.writer, "generation": spool.generation, "manifest": None, "incomplete": True}


def _finish_writer(
    spool: Spool, sender: Sender, request: dict[str, Any], timeout_s: float, find: Callable[[], Server | None]
) -> tuple[str, bool]:
    """What came of it, and whether the run is still open."""
    server = find()
    if server is None:
        raise AssayError("no_server", 0, "no server answers any longer")
    transport = Transport(server.url, server.api_key)
    try:
        receipt = close_writer(transport, spool.run_id, request, Tally(), timeout_s=timeout_s, delivered=sender.delivered)
    except AssayError as error:
        if error.code == "unusable_input":
            return f"not finished: {error}", False
        raise
    finally:
        transport.close()
    if receipt["state"] == "open":
        return f"waits for {receipt['writers_missing']} other writers", True
    return f"closed{' as incomplete' if receipt['incomplete'] else ''}: {server.url}/runs/{spool.run_id}", False
