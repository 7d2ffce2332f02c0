"""What `auto` gives back, and how it asks for it."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from assay import AssayError

ROWS = {"text": [f"<b>number</b> {at} of many mails" for at in range(40)], "label": ["ham", "spam"] * 20}
SUMMARY = {
    "verdict": "Look at the labels first.",
    "issue_counts": {"mislabeled": 3},
    "estimated_noise_rate": 0.058,
    "notes": ["Two views were taken."],
}
RANKED = [
    {
        "rank": 1,
        "sample_id": "7",
        "given_label": "spam",
        "suggested_label": "ham",
        "mislabeled_score": 0.93,
        "text_preview": ROWS["text"][7],
        "reason": "why",
    }
]


def result_of(auto: Any, summary: dict[str, Any], rows: list[dict[str, Any]] | None = None) -> Any:
    result = auto(ROWS, label="label", text="text")
    result.run.answer, result.run.rows = summary, rows or []
    return result


def test_auto_passes_on_what_init_takes(auto: Any) -> None:
    run = auto(ROWS, label="label", name="n", project="p", dataset="d", url="http://x", api_key="k", wait=False).run
    assert run.options == {"name": "n", "project": "p", "dataset": "d", "label_names": ("ham", "spam"), "url": "http://x", "api_key": "k"}
    assert run.finished == [False]


def test_auto_starts_no_run_for_a_table_it_refuses(auto: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["assay.auto"], "init", lambda *a, **k: pytest.fail("a run was started"))
    with pytest.raises(ValueError, match="one label"):
        auto({"text": ["a", "b"], "label": ["x", "x"]}, label="label")


def test_the_result_says_how_many_labels_look_wrong(auto: Any) -> None:
    result = result_of(auto, SUMMARY, RANKED)
    lines = repr(result).splitlines()
    assert lines[0] == "the dict of columns: 40 samples, classes ham, spam"
    assert lines[1] == "3 labels look wrong; about 5.8 % of all labels are wrong"
    assert "Look at the labels first." in lines
    assert any(line.startswith("1     7 ") and "spam" in line and "0.93" in line for line in lines)
    assert "Note: Two views were taken." in lines
    assert lines[-1] == result.url


def test_the_result_says_when_there_is_not_enough_evidence(auto: Any) -> None:
    told = repr(result_of(auto, {"issue_counts": {}, "estimated_noise_rate": None, "verdict": ""}))
    assert "No label looks wrong; not enough evidence for a number of wrong labels" in told


def test_the_result_shows_itself_before_it_is_scored_and_without_a_server(auto: Any) -> None:
    result = result_of(auto, {})
    assert "It is not scored yet" in repr(result)
    result.run.answer = SUMMARY
    assert "3 labels look wrong" in repr(result)

    def away() -> None:
        raise AssayError("no_server", 0, "Cannot reach the server")

    result = result_of(auto, {})
    result.run.summary = away
    assert "Cannot reach the server" in repr(result)


def test_the_result_is_escaped_in_a_notebook(auto: Any) -> None:
    shown = result_of(auto, SUMMARY, RANKED)._repr_html_()
    assert "&lt;b&gt;number&lt;/b&gt; 7" in shown
    assert "<b>" not in shown
    assert "Not enough" not in shown


def test_worst_is_the_runs(auto: Any) -> None:
    assert list(result_of(auto, SUMMARY, RANKED).worst(1)) == RANKED


def test_showing_a_result_that_was_not_waited_for_does_not_wait(auto: Any) -> None:
    result = auto(ROWS, label="label", wait=False)
    result.run.answer = SUMMARY
    assert ".summary and .worst() wait" in repr(result)
    assert result.summary == SUMMARY
    assert "3 labels look wrong" in repr(result)


def test_auto_says_on_stderr_what_it_chose(auto: Any, capsys: pytest.CaptureFixture[str]) -> None:
    auto(ROWS, label="label")
    said = capsys.readouterr()
    assert 'assay: Column "text" holds text' in said.err
    assert said.out == ""


def test_auto_closes_the_run_as_incomplete_if_reading_breaks_off(auto: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[Any] = []
    make = sys.modules["assay.auto"].init

    def broken(*given: Any, **options: Any) -> Any:
        run = make(*given, **options)
        run.log_dataset = lambda *a, **k: (_ for _ in ()).throw(KeyboardInterrupt)
        runs.append(run)
        return run

    monkeypatch.setattr(sys.modules["assay.auto"], "init", broken)
    with pytest.raises(KeyboardInterrupt):
        auto(ROWS, label="label")
    assert runs[0].finished == ["incomplete"]
