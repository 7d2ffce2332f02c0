"""How a run begins: what was asked for, and what this machine knows of it."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ._classes import check_names
from ._spool import Spool, next_generation, spools
from ._tally import Tally


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
    run_id = run_id or os.environ.get("ASSAY_RUN_ID") or str(uuid.uuid4())
    try:
        run_id = str(uuid.UUID(run_id))
    except ValueError:
        raise ValueError(f'Cannot start as run_id (or ASSAY_RUN_ID) must be a UUID: current value is "{run_id}"') from None
    if label_names is None and n_classes is not None:
        label_names = [str(k) for k in range(n_classes)]
    elif label_names is not None and n_classes not in (None, len(label_names)):
        raise ValueError(f"Cannot start as n_classes must be the number of label_names, {len(label_names)}: current value is {n_classes}")
    if isinstance(label_names, str):
        raise ValueError(f'Cannot start as label_names must be a sequence of names: current value is "{label_names}"')
    for what, text, most in (("name", name, 200), ("project", project, 200), ("dataset", dataset, 200), ("writer", str(writer), 100)):
        if text is not None and not 1 <= len(text) <= most:
            raise ValueError(f'Cannot start as {what} must have 1 to {most} characters: current value is "{text[:80]}"')
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
    )


def open_spools(root: Path, request: RunRequest, tally: Tally) -> tuple[Spool | None, list[Spool], int]:
    """Folder of a run's writer, and those that its earlier generations left.

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
    generation = next_generation(root, request.run_id, request.writer) if request.generation is None else request.generation
    try:
        older = []
        for spool in earlier:
            if spool.generation == generation:
                continue
            if spool.open():
                older.append(spool)
            elif request.generation is None:
                raise ValueError(
                    f'Cannot start as writer "{request.writer}" of run {request.run_id} is logged by a process that runs, or by a run of'
                    " this one that is not finished: give each its own writer, or a higher generation to the one that replaces another"
                )
        spool = Spool(root, request.run_id, request.writer, generation)
        if not spool.open():
            raise ValueError(
                f'Cannot start as another process logs as writer "{request.writer}", generation {generation} of run {request.run_id}'
            )
        spool.write_state(name=request.name)
    except OSError as error:
        tally.say(f"the disk does not take what has to wait, so it is lost when memory is full or the process ends: {error}")
        return None, [], generation
    return spool, older, generation
