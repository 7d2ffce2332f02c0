"""The command `assay`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ._server import find_server, no_server
from ._settings import read_settings
from ._sync import discard, sync, waiting
from ._tables.command import add_parser as add_auto
from ._version import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        Its arguments; default those of the process.

    Returns
    -------
    code : int
        Exit code: 1 if something is left on disk, 2 if a table cannot be used.
    """
    parser = argparse.ArgumentParser(
        prog="assay", description="Find the labels of a table that look wrong, and send what waits on this machine."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    sending = commands.add_parser("sync", help="send what is on disk, and finish the runs it belongs to")
    sending.add_argument("run_id", nargs="?", help="only this run")
    sending.add_argument("--keep-open", action="store_true", help="do not finish runs: a process goes on with them")
    sending.add_argument(
        "--timeout", type=float, default=60.0, metavar="SECONDS", help="how long to wait while the server does not answer (60)"
    )
    sending.add_argument("--any-server", action="store_true", help="also to another server than the one that was logged to")
    removing = commands.add_parser("discard", help="remove what is on disk of a run, without sending it")
    removing.add_argument("run_id", help="the run")
    commands.add_parser("status", help="show the server, and what is on disk")
    add_auto(commands)
    wishes = parser.parse_args(argv)
    if wishes.command == "auto":
        return int(wishes.run(wishes))
    root = read_settings("online").spool
    if wishes.command == "status":
        return _status(root)
    if wishes.command == "discard":
        return 0 if discard(root, wishes.run_id, print) else 1
    is_done = sync(
        root,
        wishes.run_id,
        print,
        is_finishing=not wishes.keep_open,
        timeout_s=wishes.timeout,
        is_any_server=wishes.any_server,
    )
    return 0 if is_done else 1


def _status(root: Path) -> int:
    server = find_server()
    print(f"Server: {server.url}" if server else no_server())
    print(f"On disk: {root}")
    is_empty = True
    for spool, n_parts, n_rows, state in waiting(root):
        is_empty = False
        name = spool.read_state().get("name") or spool.run_id[:8]
        whose = f"writer {spool.writer}, generation {spool.generation}"
        print(f'  run "{name}" ({spool.run_id}), {whose}: {n_rows:,} rows in {n_parts} parts; {state}')
    if is_empty:
        print("  nothing")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
