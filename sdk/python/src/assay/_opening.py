"""How a run begins: what was asked for, and what this machine knows of it."""

from __future__ import annotations

import json
import operator
import os
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ._classes import check_names
from ._spool import Spool, next_generation, spools
from ._tally import Tally

_TRIES, _PAUSE_S = 5, 0.1
_GENERATIONS_SINCE = 1_577_836_800  # 2020-01-01, so that seconds fit into 31 bits until 2088


@dataclass(frozen=True)
class RunRequest:
    """What a run is, as `init` was asked for it."""

    run_id: str
    name: str
    project: str | None
    dataset: str | None
    label_names: tuple[str, ...] | None
    metadata_schema: Mapping[str, Any] | None
    writer: str
    writers: int
    generation: int | None
    pid: int
    is_named: bool = False

    def body(self, label_names: Sequence[str]) -> dict[str, Any]:
        """Body of the request that makes the run."""
        return {
            "project": self.project,
            "dataset": self.dataset,
            "name": self.name,
            "label_names": list(label_names),
            "writers": self.writers,
            "metadata_schema": None if self.metadata_schema is None else dict(self.metadata_schema),
        }


def parse_request(
    name: str | None,
    *,
    project: str | None = None,
    dataset: str | None = None,
    label_names: Sequence[str] | None = None,
    n_classes: int | None = None,
    metadata_schema: Mapping[str, Any] | None = None,
    run_id: str | None = None,
    writer: str = "0",
    writers: int = 1,
    generation: int | None = None,
) -> RunRequest:
    """What `init` was asked for, checked.

    Raises
    ------
    ValueError
        If an argument cannot be what it is.
    """
    asked = run_id or os.environ.get("ASSAY_RUN_ID")
    try:
        run_id = str(uuid.UUID(str(asked)) if asked else uuid.uuid4())
    except ValueError:
        raise ValueError(f'Cannot start as run_id (or ASSAY_RUN_ID) must be a UUID: current value is "{asked}"') from None
    writers = _integer(writers, "writers")
    n_classes = None if n_classes is None else _integer(n_classes, "n_classes")
    generation = None if generation is None else _integer(generation, "generation")
    if isinstance(label_names, (str, set, frozenset)) or not isinstance(label_names, (Iterable, type(None))):
        raise ValueError(f"Cannot start as label_names must be a sequence of names: current value is {label_names!r}")
    label_names = None if label_names is None else list(label_names)
    if label_names is None and n_classes is not None:
        label_names = [str(k) for k in range(n_classes)]
    elif label_names is not None and n_classes not in (None, len(label_names)):
        raise ValueError(f"Cannot start as n_classes must be the number of label_names, {len(label_names)}: current value is {n_classes}")
    for what, text, most in (("name", name, 200), ("project", project, 200), ("dataset", dataset, 200), ("writer", str(writer), 100)):
        if text is not None and not (isinstance(text, str) and 1 <= len(text) <= most):
            raise ValueError(f"Cannot start as {what} must have 1 to {most} characters: current value is {str(text)[:80]!r}")
    try:
        json.dumps(metadata_schema, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"Cannot start as metadata_schema must be a JSON Schema: {error}") from None
    if not 1 <= writers <= 4096:
        raise ValueError(f"Cannot start as writers must be 1 to 4096: current value is {writers}")
    if generation is not None and not 0 <= generation < 2**31:
        raise ValueError(f"Cannot start as generation must be at least 0: current value is {generation}")
    return RunRequest(
        run_id=run_id,
        name=name or run_id[:8],
        project=project,
        dataset=dataset,
        label_names=None if label_names is None else check_names(label_names),
        metadata_schema=metadata_schema,
        writer=str(writer),
        writers=writers,
        generation=generation,
        pid=os.getpid(),
        is_named=asked is not None,
    )


def _integer(value: Any, name: str) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise ValueError(f"Cannot start as {name} must be an integer: current value is {value!r}") from None


def open_spools(
    root: Path, request: RunRequest, tally: Tally, is_begun: Callable[[], bool] = lambda: False
) -> tuple[Spool | None, list[Spool], int]:
    """Folder of a run's writer, and those that its earlier generations left.

    Parameters
    ----------
    is_begun : callable
        Whether the server knows the run: another machine may have logged to it.

    Returns
    -------
    spool : Spool, optional
        Its own; None if the disk does not take it.
    older : list of Spool
        Of earlier generations, held by us now.
    generation : int
        The writer's.

    Raises
    ------
    ValueError
        If another process logs as the same writer of the same run.
    """
    earlier = [spool for spool in spools(root, request.run_id) if spool.writer == request.writer]
    generation = _next_generation(root, request, is_begun) if request.generation is None else request.generation
    older: list[Spool] = []
    try:
        for spool in earlier:
            if spool.generation == generation:
                continue
            if _opened(spool):
                older.append(spool)
            elif request.generation is None and not spool.read_state().get("is_syncing"):
                raise ValueError(
                    f'Cannot start as writer "{request.writer}" of run {request.run_id} is logged by a process that runs, or by a run of'
                    " this one that is not finished: give each its own writer, or a higher generation to the one that replaces another"
                )
        spool = Spool(root, request.run_id, request.writer, generation)
        if not _opened(spool):
            raise ValueError(
                f'Cannot start as another process logs as writer "{request.writer}", generation {generation} of run {request.run_id}'
            )
        spool.write_state(name=request.name)
    except (OSError, ValueError) as error:
        for held in older:
            held.close()
        if isinstance(error, ValueError):
            raise
        tally.say(f"the disk does not take what has to wait, so it is lost when memory is full or the process ends: {error}")
        return None, [], generation
    return spool, older, generation


def _opened(spool: Spool) -> bool:
    """Whether it is ours; `assay status` holds it for a moment."""
    for _ in range(_TRIES):
        if spool.open():
            return True
        time.sleep(_PAUSE_S)
    return False


def _next_generation(root: Path, request: RunRequest, is_begun: Callable[[], bool]) -> int:
    """One higher than this machine knows of; by the clock, if it knows of none but the run was begun on another.

    Of several writers one that is late sees the run of the others, which says nothing of its own generations.
    """
    known = next_generation(root, request.run_id, request.writer)
    if known > 0 or request.writers > 1 or not request.is_named or not is_begun():
        return known
    return int(time.time()) - _GENERATIONS_SINCE
