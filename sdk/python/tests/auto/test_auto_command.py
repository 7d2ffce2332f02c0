"""`assay auto` on the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assay.__main__ import main


def run(*given: Any) -> int:
    return main(["auto", *map(str, given)])


@pytest.fixture
def runs(auto: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Runs that were started, in order."""
    made: list[Any] = []
    make = sys.modules["assay.auto"].init

    def init(*given: Any, **options: Any) -> Any:
        run = make(*given, **options)
        run.answer = {"issue_counts": {"mislabeled": 2}, "estimated_noise_rate": 0.1}
        finish = run.finish
        run.finish = lambda **how: (finish(**how), SimpleNamespace(state="closed"))[1]
        made.append(run)
        return run

    monkeypatch.setattr(sys.modules["assay.auto"], "init", init)
    return made


def test_the_command_logs_a_file_and_prints_what_was_found(runs: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mails.csv"
    path.write_text("key;subject;body;label;n\n" + "a;Hi;one;ham;1\nb;Yo;two;spam;2\n")
    asked = [
        "--text",
        "subject",
        "--text",
        "body",
        "--label",
        "label",
        "--id",
        "key",
        "--metadata",
        "n",
        "--name",
        "mine",
        "--delimiter",
        ";",
    ]
    assert run(path, *asked) == 0
    assert runs[0].options["name"] == "mine"
    assert runs[0].column("texts") == ["Hi\n\none", "Yo\n\ntwo"]
    assert runs[0].calls[0]["metadata"] == {"n": [1, 2]}
    assert "2 labels look wrong; about 10.0 % of all labels are wrong" in capsys.readouterr().out


def test_the_command_says_what_is_wrong_and_ends_with_2(runs: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("x,label\n1,a\n2,b\n")
    assert run(tmp_path / "a.csv", "--label", "lable") == 2
    assert run(tmp_path / "none.csv", "--label", "label") == 2
    said = capsys.readouterr().err
    assert 'did you mean "label"' in said
    assert "there is no such file" in said
    assert runs == []


def test_the_command_does_not_wait_if_told_so(runs: list[Any], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,label\n1,a\n2,b\n3,b\n")
    assert run(tmp_path / "a.csv", "--label", "label", "--features", "x", "--no-wait") == 0
    assert runs[0].finished == [False]
