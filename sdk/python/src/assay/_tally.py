"""What became of the rows, counted as it happens."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

logger = logging.getLogger("assay")

_MOST_SENTENCES = 20


@dataclass
class Tally:
    """Counts of one run on this machine.

    Parameters
    ----------
    logged : int
        Rows taken from the loop.
    sent : int
        Rows that the server has.
    resent : int
        Those among them that came from the disk or needed more than one try.
    lost : int
        Rows that neither the server nor the disk would take, or that came after the run was closed.
    refused : int
        Rows that could not be logged.
    sentences : dict
        Why rows were refused or lost, and how many for each reason.
    """

    logged: int = 0
    sent: int = 0
    resent: int = 0
    lost: int = 0
    refused: int = 0
    sentences: dict[str, int] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)  # a signal handler may count while its thread counts

    def take(self, n_rows: int) -> None:
        """Rows were taken from the loop."""
        with self._lock:
            self.logged += n_rows

    def deliver(self, n_rows: int, is_again: bool) -> None:
        """Rows have arrived."""
        with self._lock:
            self.sent += n_rows
            self.resent += n_rows if is_again else 0

    def lose(self, n_rows: int, sentence: str) -> None:
        """Rows are lost; said at once, once for each reason."""
        with self._lock:
            self.lost += n_rows
        self._tell(n_rows, sentence)

    def refuse(self, n_rows: int, sentence: str, *, was_taken: bool = False) -> None:
        """Rows cannot be logged; said at once, once for each reason."""
        with self._lock:
            self.refused += n_rows
            self.logged -= n_rows if was_taken else 0
        self._tell(n_rows, sentence)

    def say(self, sentence: str) -> None:
        """Something the user has to know, once."""
        self._tell(0, sentence)

    def _tell(self, n_rows: int, sentence: str) -> None:
        with self._lock:
            if sentence not in self.sentences and len(self.sentences) >= _MOST_SENTENCES:
                sentence = "for other reasons, too many to list"
            is_new = sentence not in self.sentences
            self.sentences[sentence] = self.sentences.get(sentence, 0) + n_rows
        if is_new:
            logger.error("assay: %s", sentence)
