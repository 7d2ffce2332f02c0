from __future__ import annotations

import sys
from io import StringIO

import pytest

from assay.progress import Progress, tell


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar_that_goes_away() -> None:
    stream = Terminal()
    progress = Progress(stream)
    progress.update("scoring (fold)", 0.5)
    progress.update("done", 1)
    progress.close()
    first, second, blank, end = stream.getvalue().split("\r")[1:]
    assert first == "assay: " + "█" * 15 + "░" * 15 + "  50% scoring (fold)"
    assert second.startswith("assay: " + "█" * 30 + " 100% done")
    assert len(second) >= len(first)
    assert (blank.strip(), end) == ("", "")


def test_elsewhere_each_stage_is_a_line() -> None:
    stream = StringIO()
    progress = Progress(stream)
    for fraction in (0.1, 0.2, 0.3):
        progress.update("scoring (fold)", fraction)
    progress.update("scoring (score)", 0.9)
    progress.close()
    assert stream.getvalue() == "assay: scoring (fold)\nassay: scoring (score)\n"


def test_a_closed_stream_is_no_error() -> None:
    stream = Terminal()
    progress = Progress(stream)
    stream.close()
    progress.update("x", 0)
    progress.close()


class Broken(StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


@pytest.mark.parametrize("stream", [None, Broken()])
def test_nobody_has_to_listen(stream: StringIO | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    tell("a line")
    progress = Progress()
    progress.update("scoring", 0.5)
    progress.close()


def test_lines_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    tell("one", "two")
    assert capsys.readouterr().err == "one\ntwo\n"
