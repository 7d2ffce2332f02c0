"""What is said while something takes time, and when it is done."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TextIO

_WIDTH = 30


def tell(*lines: str) -> None:
    """Print lines to standard error; where there is none, or nobody reads it any more, nobody is told."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write("".join(f"{line}\n" for line in lines))
        sys.stderr.flush()


class Progress:
    """A bar on a terminal; elsewhere, as in a notebook or a log file, a line for each stage.

    Parameters
    ----------
    stream : text file, optional
        Where to; default ``sys.stderr``.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream: TextIO | None = stream or sys.stderr  # None in a process without a console
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
        if self._stream is None:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._is_terminal = False  # a stream that is closed, or that knows no blocks
