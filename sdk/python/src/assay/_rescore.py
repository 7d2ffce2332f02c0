"""Scoring runs again: other thresholds, what people said since, or a stored model."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._plain import plain
from ._reader import Reader
from ._server import Server
from .progress import Progress
from .table import SampleTable

if TYPE_CHECKING:
    from ._models import Model

Thresholds = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Difference:
    """What two revisions of a run say differently.

    Attributes
    ----------
    from_revision_id, to_revision_id : str
        The revision before, and after.
    counts : dict
        Over all samples: ``n_compared``, ``newly_flagged``, ``no_longer_flagged``, ``issue_types``, ``suggestion``, ``probability``,
        ``rank``, and ``by_issue_type``.
    samples : SampleTable
        Those that changed, by their later rank; what they were and are ends in ``_before`` and ``_after``.
    """

    from_revision_id: str
    to_revision_id: str
    counts: dict[str, Any]
    samples: SampleTable

    def __str__(self) -> str:
        counts = self.counts
        return (
            f"{counts['newly_flagged']:,} newly flagged, {counts['no_longer_flagged']:,} no longer flagged, "
            f"{counts['suggestion']:,} with another suggestion, of {counts['n_compared']:,} samples"
        )


class Rescoring:
    """Runs that are scored again, a job each.

    Attributes
    ----------
    jobs : dict
        Job id by run id.
    """

    def __init__(self, server: Server, jobs: Mapping[str, str]) -> None:
        self._server = server
        self.jobs = dict(jobs)

    @property
    def run_ids(self) -> list[str]:
        """The runs."""
        return list(self.jobs)

    def wait(self) -> Rescoring:
        """Wait until all of them are scored.

        Raises
        ------
        AssayError
            ``job_failed`` with a job's own sentence.
        """
        progress = Progress()
        try:
            for run_id, job_id in self.jobs.items():
                Reader(self._server, run_id).wait(job_id, progress.update)
        finally:
            progress.close()
        return self

    def cancel(self) -> None:
        """Cancel those that are not done; the revisions they were to replace stay."""
        for run_id, job_id in self.jobs.items():
            Reader(self._server, run_id).ask("DELETE", f"jobs/{job_id}")

    def difference(self, run_id: str | None = None, *, change: str = "any", n: int = 1000) -> Difference:
        """What the new revision of a run says that the old one did not; waits until there is one.

        Parameters
        ----------
        run_id : str, optional
            Which of the runs; default the first.
        change : str, default="any"
            ``any``, ``newly_flagged``, ``no_longer_flagged``, ``issue_types``, ``suggestion``, ``probability`` or ``rank``: samples that
            changed so.
        n : int, default=1000
            Most samples to read.

        Raises
        ------
        ValueError
            If it is none of the runs.
        AssayError
            If the job failed, or the server cannot say.
        """
        run_id = next(iter(self.jobs)) if run_id is None else run_id
        if run_id not in self.jobs:
            raise ValueError(f"Cannot compare run {run_id!r} as it must be one of those that are scored again: {', '.join(self.jobs)}")
        self.wait()
        reader = Reader(self._server, run_id)
        job_id = self.jobs[run_id]
        revision = next(row for row in reader.pages("revisions", {}) if row["job_id"] == job_id)
        return difference(reader, revision["revision_id"], None, change, n)

    def __repr__(self) -> str:
        return f"Rescoring({self.jobs!r})"


def difference(reader: Reader, revision_id: str, from_id: str | None, change: str, n: int) -> Difference:
    """What a revision says that another did not, the one it was made from by default."""
    rows: list[Mapping[str, Any]] = []
    first: Mapping[str, Any] = {}
    cursor = None
    while True:
        query = {"from": from_id, "change": change, "limit": max(1, min(500, n - len(rows))), "cursor": cursor}
        page = reader.send("GET", f"revisions/{revision_id}/difference", query=query)
        first = first or page
        rows.extend(page["rows"])
        cursor = page["next_cursor"]
        if not cursor or len(rows) >= n:
            break
    return Difference(first["from_revision_id"], first["to_revision_id"], first["counts"], SampleTable(rows[:n]))


def rescored(
    server: Server,
    run_ids: Sequence[str] | None,
    filter: Mapping[str, Any] | None,
    thresholds: Thresholds | None,
    verdicts: bool,
    model_id: str | Model | None,  # "last" is said by saying nothing
    prediction_kind: str | None = None,
) -> Rescoring:
    """Ask for runs to be scored again; sent again, the request changes nothing."""
    if (run_ids is None) == (filter is None):
        raise ValueError("Cannot rescore as either runs or a filter must be named")
    body = {
        "job_kind": "rescore_run",
        **({"filter": dict(filter)} if filter is not None else {"run_ids": list(run_ids or ())}),
        "settings": None if thresholds is None else {kind: _plain(numbers) for kind, numbers in thresholds.items()},
        "apply_verdicts": verdicts,
        **({} if model_id == "last" else {"model_id": getattr(model_id, "model_id", model_id)}),
        **({"prediction_kind": prediction_kind} if prediction_kind is not None else {}),
    }
    answer = Reader(server, "").ask("POST", "jobs", body=body, headers={"Idempotency-Key": str(uuid.uuid4())})
    return Rescoring(server, {job["run_id"]: job["job_id"] for job in answer["jobs"]})


def _plain(numbers: Mapping[str, float]) -> Mapping[str, float]:
    return {name: plain(number) for name, number in numbers.items()} if isinstance(numbers, Mapping) else numbers
