"""A bar while something takes time."""

from __future__ import annotations

import sys
from typing import TextIO

_WIDTH = 30


class Progress:
    """A bar on a terminal; elsewhere, as in a notebook or a log file, a line for each stage.

    Parameters
    ----------
    stream : text file, optional
        Where to; default ``sys.stderr``.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._is_terminal = bool(getattr(self._stream, "isatty", lambda: False)())
        self._shown = ""

    def update(self, stage: str, fraction: float) -> None:
        """Show where it stands.

        Parameters
        ----------
        stage : str
            What is being done.
        fraction : float
            Share done, 0 to 1.
        """
        if not self._is_terminal:
            if stage != self._shown:
                self._write(f"assay: {stage}\n")
            self._shown = stage
            return
        done = round(_WIDTH * min(1.0, max(0.0, fraction)))
        line = f"assay: {'█' * done}{'░' * (_WIDTH - done)} {fraction:4.0%} {stage}"
        self._write("\r" + line + " " * max(0, len(self._shown) - len(line)))
        self._shown = line

    def close(self) -> None:
        """Leave the bar."""
        if self._is_terminal and self._shown:
            self._write("\r" + " " * len(self._shown) + "\r")
        self._shown = ""

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError, UnicodeError):
            self._is_terminal = False  # a stream that is closed, or that knows no blocks
