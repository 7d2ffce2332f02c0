"""What a run came to on this machine, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class FinishReport:
    """What a run came to on this machine.

    Parameters
    ----------
    run_id : str
        The run.
    url : str, optional
        Its page; None while no server is known.
    state : str
        ``closed``; ``open`` while other writers have not finished; ``spooled``: what is on disk has to be sent first; ``refused``: the
        server cannot use what was logged; ``empty``: nothing was logged; ``off``.
    job_id : str, optional
        Job that scores the run.
    is_incomplete : bool
        Whether the run was closed with what was there.
    rows_logged, rows_sent, rows_resent, rows_spooled, rows_lost, rows_refused : int
        Rows taken; those the server has, and those among them that needed another try; those on disk; those that are nowhere; those never
        taken.
    sentences : dict
        Why rows were refused or lost, and how many for each reason.
    spool : Path, optional
        Folder of what is on disk.
    problem : str, optional
        Why the run is not closed.
    is_interrupted : bool
        Whether Ctrl-C came meanwhile.
    """

    run_id: str
    url: str | None = None
    state: str = "off"
    job_id: str | None = None
    is_incomplete: bool = False
    writers_left_out: int = 0
    rows_logged: int = 0
    rows_sent: int = 0
    rows_resent: int = 0
    rows_spooled: int = 0
    rows_lost: int = 0
    rows_refused: int = 0
    sentences: dict[str, int] = field(default_factory=dict)
    spool: Path | None = None
    problem: str | None = None
    is_interrupted: bool = False

    def lines(self, name: str) -> list[str]:
        """The report as a person reads it."""
        if self.state == "empty" and not self.rows_lost and not self.rows_refused:
            return [f'assay: nothing was logged to run "{name}"']
        counts = [f"{self.rows_logged:,} rows logged", f"{self.rows_sent:,} sent"]
        if self.rows_resent:
            counts[-1] += f" ({self.rows_resent:,} of them later, from disk or at another try)"
        for n, what in ((self.rows_spooled, "still on disk"), (self.rows_lost, "lost"), (self.rows_refused, "refused")):
            if n:
                counts.append(f"{n:,} {what}")
        lines = [f'assay: run "{name}": {", ".join(counts)}']
        lines += [f"assay:   {n:,} {sentence}" for sentence, n in self.sentences.items() if n]
        if self.writers_left_out:
            lines.append(f"assay: closed as incomplete without {self.writers_left_out} of its writers, which did not finish in time")
        elif self.is_incomplete:
            lines.append("assay: closed as incomplete, with what was there")
        elif self.state == "open":
            lines.append("assay: its other writers have not finished yet")
        if self.problem:
            lines.append(f"assay: not closed: {self.problem}")
        if self.state == "spooled" and self.spool:
            lines.append(f"assay: what is on disk ({self.spool}) is sent by: assay sync {self.run_id}")
        elif self.url and self.state != "empty":
            lines.append(f"assay: {self.url}")
        return lines
