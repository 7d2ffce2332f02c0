"""What `auto` gives back."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._errors import AssayError

if TYPE_CHECKING:
    from .._audit import Audit
    from ..run import FinishReport, Run
    from ..table import SampleTable

_SHOWN_ROWS = 10


class AutoResult:
    """A table that was logged, and what was found in it.

    Parameters
    ----------
    run : Run
        The run, finished.
    report : FinishReport
        What `run.finish` said.
    table : str
        Name of the table.
    n_samples : int
        Samples logged.
    label_names : sequence of str
        Classes.
    notes : sequence of str
        How the table was read: columns that were chosen, rows and images that were left out.
    seconds : float
        From the call to the answer.
    is_waited : bool, default=True
        Whether the run was waited for; if not, showing the result does not wait either.
    """

    def __init__(
        self,
        run: Run,
        report: FinishReport,
        table: str,
        n_samples: int,
        label_names: Sequence[str],
        notes: Sequence[str],
        seconds: float,
        is_waited: bool = True,
    ) -> None:
        self.run = run
        self.report = report
        self.table = table
        self.n_samples = n_samples
        self.label_names = tuple(label_names)
        self.notes = list(notes)
        self.seconds = seconds
        self._is_waited = is_waited
        self._summary: dict[str, Any] | None = None

    @property
    def url(self) -> str | None:
        """Page of the run; None while no server is known."""
        return self.run.url

    @property
    def summary(self) -> dict[str, Any]:
        """What was found, in numbers and words; waits until the run is scored.

        Raises
        ------
        AssayError
            If the server does not answer.
        """
        if not self._summary:
            self._summary = self.run.summary()
        return self._summary

    def worst(self, n: int = 50, **conditions: Any) -> SampleTable:
        """The worst samples, worst first; waits until the run is scored.

        Parameters
        ----------
        n : int, default=50
            How many.
        **conditions
            As of `Run.worst`, such as ``issue_type="mislabeled"``.

        Raises
        ------
        AssayError
            If the server does not answer.
        """
        return self.run.worst(n, **conditions)

    def audit(self, n_samples: int = 100, *, seed: int = 0) -> Audit:
        """Samples to judge, so that the number of wrong labels is known with an interval: `Run.audit`."""
        return self.run.audit(n_samples, seed=seed)

    def text(self, n: int = _SHOWN_ROWS) -> str:
        """What was found, in a few lines, with the `n` worst samples."""
        head, rows, notes = self._told(n)
        lines = [*head, *(["", repr(rows)] if rows else []), *([""] if notes else []), *(f"Note: {note}." for note in notes)]
        return "\n".join([*lines, *([str(self.url)] if self.url else [])])

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        head, rows, notes = self._told(_SHOWN_ROWS)
        paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in head)
        listed = "".join(f"<li>{html.escape(note)}.</li>" for note in notes)
        link = f'<p><a href="{html.escape(self.url)}">{html.escape(self.url)}</a></p>' if self.url else ""
        return f"<div>{paragraphs}{rows._repr_html_() if rows else ''}{f'<ul>{listed}</ul>' if listed else ''}{link}</div>"

    def _told(self, n: int) -> tuple[list[str], SampleTable | None, list[str]]:
        classes = f"{len(self.label_names)} classes" if len(self.label_names) > 5 else "classes " + ", ".join(self.label_names)
        head = [f"{self.table}: {self.n_samples:,} samples, {classes}"]
        if not self._is_waited and not self._summary:
            return [*head, "Not waited for: .summary and .worst() wait until it is scored"], None, self.notes
        try:
            summary = self.summary
            rows = self.worst(n) if summary else None
        except (AssayError, OSError, RuntimeError) as error:
            return [*head, f"Nothing is known of it yet: {error}"], None, self.notes
        if not summary:
            return [*head, "It is not scored yet"], None, self.notes
        head += [f"{_looks_wrong(summary)}; {_rate(summary)}", *([summary["verdict"]] if summary.get("verdict") else [])]
        return head, rows, [*self.notes, *(str(note).rstrip(".") for note in summary.get("notes") or ())]


def _looks_wrong(summary: dict[str, Any]) -> str:
    n = (summary.get("issue_counts") or {}).get("mislabeled", 0)
    return "No label looks wrong" if n == 0 else "1 label looks wrong" if n == 1 else f"{n:,} labels look wrong"


def _rate(summary: dict[str, Any]) -> str:
    rate = summary.get("estimated_noise_rate")
    if rate is None:
        return "not enough evidence for a number of wrong labels, which .audit() would give"
    return f"about {100 * rate:.1f} % of all labels are wrong"
