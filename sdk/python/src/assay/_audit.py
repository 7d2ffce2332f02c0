"""How many labels are wrong, from samples that are drawn to be judged."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._plain import plain
from .table import SampleTable

if TYPE_CHECKING:
    from ._reader import Reader

_MOST_VERDICTS = 1000


@dataclass(frozen=True)
class AuditResult:
    """What an audit says so far. Numbers are None until enough samples are judged; intervals hold 90 %.

    Attributes
    ----------
    n_judged, n_remaining, n_needed : int
        Samples of the audit that were judged, that remain, and that are needed before there is a number.
    n_labels : int or None
        Labels that it speaks of.
    n_errors, rate : float or None
        How many of them are wrong, and the share.
    n_errors_interval, rate_interval : (float, float) or None
        Low and high end.
    n_confirmed : int or None
        Wrong ones that people found, in the audit and before it.
    n_left_out : int
        Samples of the audit that were dropped, which says nothing of their labels.
    """

    n_judged: int
    n_remaining: int
    n_needed: int
    n_labels: int | None = None
    n_errors: float | None = None
    n_errors_interval: tuple[float, float] | None = None
    rate: float | None = None
    rate_interval: tuple[float, float] | None = None
    n_confirmed: int | None = None
    n_left_out: int = 0

    def __str__(self) -> str:
        if self.n_errors is None or self.n_errors_interval is None or self.rate_interval is None:
            needed = f"{self.n_judged} judged; {self.n_needed} more are needed for a number"
            return (
                needed
                if self.n_needed <= self.n_remaining
                else f"{needed}, but only {self.n_remaining} left: draw others with another seed"
            )
        low, high = self.n_errors_interval
        return (
            f"{self.n_errors:,.0f} of {self.n_labels:,} labels are wrong (90 % interval {low:,.0f} to {high:,.0f}, "
            f"{100 * self.rate_interval[0]:.1f} to {100 * self.rate_interval[1]:.1f} %), {self.n_judged} judged"
        )


class Audit:
    """Samples of a run, drawn so that verdicts on them say how many labels are wrong in all.

    Parameters
    ----------
    reader : Reader
        Of the run.
    audit_id : str
        The audit.

    Attributes
    ----------
    id : str
        The audit.
    samples : SampleTable
        What to judge, in an order that says nothing of it: `sample_id`, `split`, `given_label`, `text_preview`, metadata.
    """

    def __init__(self, reader: Reader, audit_id: str) -> None:
        self.id = audit_id
        self._reader = reader
        self.samples = SampleTable(reader.pages(f"audits/{audit_id}/samples", {"state": "all"}))
        self._by_id: dict[str, list[Mapping[str, Any]]] = {}
        for row in self.samples:
            self._by_id.setdefault(row["sample_id"], []).append(row)

    @property
    def ids(self) -> list[str]:
        """Ids of the samples, in that order."""
        return self.samples["sample_id"] if len(self.samples) else []

    def remaining(self) -> SampleTable:
        """Samples that nobody judged yet."""
        return SampleTable(self._reader.pages(f"audits/{self.id}/samples", {"state": "remaining"}))

    def judge(self, labels: Mapping[Any, str | None]) -> None:
        """Say what the right labels are: verdicts like any other.

        Parameters
        ----------
        labels : mapping
            The right label of each sample by its id, or by (split, id) where several splits have it; the given one means that it is right,
            None that the sample is to be dropped.

        Raises
        ------
        ValueError
            If a sample is not of this audit, its id is in several splits, or its label is no text; nothing is sent.
        AssayError
            If the server refuses one of them, or cannot say; then none of its thousand is stored.
        """
        verdicts = [_verdict(self._find(key), label) for key, label in labels.items()]
        for start in range(0, len(verdicts), _MOST_VERDICTS):
            self._reader.send("PUT", "verdicts", {"verdicts": verdicts[start : start + _MOST_VERDICTS]})

    def result(self) -> AuditResult:
        """What the audit says so far.

        Raises
        ------
        AssayError
            If the server cannot say.
        """
        audit = self._reader.send("GET", f"audits/{self.id}")
        counts = {name: audit[name] for name in ("n_judged", "n_remaining", "n_needed", "n_left_out")}
        answer = audit["answer"]
        if answer is None:
            return AuditResult(**counts)
        errors, rate = answer["n_errors"], answer["rate"]
        return AuditResult(
            **counts,
            n_labels=answer["n_labels"],
            n_errors=errors["mean"],
            n_errors_interval=(errors["low"], errors["high"]),
            rate=rate["mean"],
            rate_interval=(rate["low"], rate["high"]),
            n_confirmed=answer["n_confirmed"],
        )

    def __len__(self) -> int:
        return len(self.samples)

    def __repr__(self) -> str:
        return f"Audit({self.id!r}, {len(self):,} samples)"

    def _find(self, key: Any) -> Mapping[str, Any]:
        split, name = key if isinstance(key, tuple) else (None, key)
        found = [row for row in self._by_id.get(str(name), ()) if split is None or row["split"] == split]
        if not found:
            raise ValueError(f"Cannot judge samples as they must be of the audit: current value is {key!r}")
        if len(found) > 1:
            raise ValueError(f"Cannot judge sample {key!r} by its id as it is in several splits: give (split, id)")
        return found[0]


def drawn_audit(reader: Reader, n_samples: int, seed: int) -> Audit:
    """The audit of a run; the same one for the same arguments, until the run is scored again."""
    audit = reader.send("POST", "audits", {"n_samples": plain(n_samples), "seed": plain(seed)})
    return Audit(reader, audit["audit_id"])


def _verdict(row: Mapping[str, Any], label: str | None) -> dict[str, Any]:
    if label is not None and not isinstance(label, str):
        name = row["sample_id"]
        raise ValueError(f"Cannot judge sample {name!r} as its label must be the name of a class, or None: current value is {label!r}")
    kind = "drop" if label is None else "keep" if label == row["given_label"] else "relabel"
    return {
        "verdict_id": str(uuid.uuid4()),
        "sample_id": row["sample_id"],
        "split": row["split"],
        "verdict": kind,
        "label": label if kind == "relabel" else None,
    }
