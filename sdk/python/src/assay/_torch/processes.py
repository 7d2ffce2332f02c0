"""Which of the processes of a training this is, and which run they share."""

from __future__ import annotations

import os
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch.distributed

from .._exit import is_finished
from .._report import FinishReport
from .._spool import next_generation, spools

if TYPE_CHECKING:
    from ..run import Run

_LEAVING_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Identity:
    """Arguments of `init` that say whose rows these are.

    Parameters
    ----------
    run_id, name : str, optional
        None: whatever `init` takes.
    writer, writers, generation : str, int, int or None
        Which process of how many, and how often it was started again.
    """

    run_id: str | None
    name: str | None
    writer: str
    writers: int
    generation: int | None


def identify(
    root: Path,
    *,
    run_id: str | None,
    name: str | None,
    project: str | None,
    dataset: str | None,
    continues: bool,
) -> Identity:
    """Find out.

    The run is the one that was asked for (`run_id`, `ASSAY_RUN_ID`); else, under torchrun, that of the agent that started this process, however
    often it restarts it; else, where training continues from a checkpoint, the newest unfinished one of this name whose process is dead; else a
    new one. With a process group, rank 0 decides for all.

    Parameters
    ----------
    root : Path
        The spool.
    continues : bool
        Whether the training goes on from a checkpoint.

    Raises
    ------
    ValueError
        If processes cannot agree on a run.
    """
    rank, world_size = _place()
    asked = run_id or os.environ.get("ASSAY_RUN_ID")
    if world_size > 1 and name is None:
        name = Path(sys.argv[0]).stem or "training"
    has_group = torch.distributed.is_available() and torch.distributed.is_initialized()
    if has_group and world_size > 1:
        former = _unfinished(root, name, project, dataset, world_size) if continues and rank == 0 else None
        asked, name = _agree((asked or _of_torchrun(name) or former or str(uuid.uuid4()), name))
    elif world_size > 1 and asked is None:
        asked = _of_torchrun(name)
        if asked is None:
            raise ValueError(
                f"Cannot share a run between {world_size} processes as they cannot agree on its id: call torch.distributed.init_process_group "
                "before assay.watch, or set ASSAY_RUN_ID to the same UUID for all"
            )
    elif asked is None and continues:
        asked = _unfinished(root, name, project, dataset, world_size)
    restarts = restart_count()
    generation = max(restarts, next_generation(root, asked, str(rank))) if restarts and asked else None
    return Identity(asked, name, str(rank), world_size, generation)


def restart_count() -> int:
    """How often torchrun has started this training again."""
    return _number("TORCHELASTIC_RESTART_COUNT", 0)


def has_restarts_left() -> bool:
    """Whether torchrun starts this training again if it fails."""
    return restart_count() < _number("TORCHELASTIC_MAX_RESTARTS", 0)


def leave_open(run: Run) -> FinishReport:
    """Send what is left, and leave the run to the process that is started next."""
    done = run._buffer.close(_LEAVING_TIMEOUT_S) and run._sender.drain(_LEAVING_TIMEOUT_S, is_total=True)
    left = run._sender.stop()
    for spool in (run._spool, *run._older):
        if spool is not None:
            spool.close()
    is_finished(run)
    rest = f"{sum(part.n_rows for part in left)} rows wait on disk" if left or not done else "all rows were sent"
    print(f'assay: run "{run.name}" stays open for the restart; {rest}', file=sys.stderr)
    return FinishReport(run.id, url=run.url)


def _place() -> tuple[int, int]:
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return torch.distributed.get_rank(), torch.distributed.get_world_size()
    rank, world_size = _number("RANK", 0), _number("WORLD_SIZE", 1)
    if not 0 <= rank < world_size:
        raise ValueError(f"Cannot watch as RANK must be below WORLD_SIZE, {world_size}: current value is {rank}")
    return rank, world_size


def _agree(mine: tuple[Any, ...]) -> tuple[Any, ...]:
    """What rank 0 says."""
    said = [mine]
    torch.distributed.broadcast_object_list(said, src=0)
    return said[0]


def _of_torchrun(name: str | None) -> str | None:
    """The same id in every process that one torchrun starts, and starts again; None where that cannot be had."""
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return None
    rendezvous = os.environ["TORCHELASTIC_RUN_ID"]
    is_one_machine = _number("LOCAL_WORLD_SIZE", 0) == _number("WORLD_SIZE", -1)
    if is_one_machine:
        agent = f"{os.uname().nodename} {os.getppid()} {_started_at(os.getppid())}" if hasattr(os, "uname") else str(os.getppid())
    elif rendezvous not in ("", "none"):
        agent = ""  # addresses change with a restart
    else:
        return None
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"assay:torchrun {rendezvous} {agent} {name}"))


def _started_at(pid: int) -> str:
    """When a process was started; empty where the system does not say."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _unfinished(root: Path, name: str | None, project: str | None, dataset: str | None, writers: int) -> str | None:
    """Newest run of a name whose processes are dead before it was finished."""
    if name is None:
        return None
    found: list[tuple[float, str]] = []
    for spool in spools(root):
        state = spool.read_state()
        request = state.get("request") or {"project": project, "dataset": dataset, "writers": writers}
        if state.get("name") != name or "finish" in state:
            continue
        if (request.get("project"), request.get("dataset"), request.get("writers")) != (project, dataset, writers):
            continue
        try:
            is_dead = spool.open()
            spool.close()
            if is_dead:
                found.append((spool.folder.stat().st_mtime, spool.run_id))
        except OSError:
            continue
    return max(found, default=(0.0, None))[1]


def _number(name: str, default: int) -> int:
    try:
        return int(os.environ.get(name, default))
    except ValueError:
        return default
