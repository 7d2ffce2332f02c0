from __future__ import annotations

import numpy as np
import pytest
from testing.fake_server import FakeServer
from testing.runs import LOGITS, log, read

import assay


def test_outputs_without_samples_are_said_before_the_server_finds_out(fake: FakeServer, caplog: pytest.LogCaptureFixture) -> None:
    run = assay.init(label_names=["a", "b"])
    log(run)
    run.finish()
    assert "no samples, so that nothing can be ranked: log_dataset(ids, labels)" in caplog.text
    caplog.clear()
    run = assay.init(label_names=["a", "b"])
    run.log_dataset(["a", "b"], ["a", "b"])
    log(run)
    run.finish()
    assert caplog.text == ""


def test_rows_that_do_not_fit_are_refused_aloud_and_once(fake: FakeServer, caplog: pytest.LogCaptureFixture) -> None:
    run = assay.init(label_names=["a", "b"])
    log(run)
    for _ in range(3):
        log(run, logits=np.zeros((2, 3)))
    log(run, logits=np.zeros((3, 2)))
    log(run, ids=[1.5, 2.5])
    run.log_outputs(["a", "b"], epoch=0)
    run.log_outputs(["a", "b"], LOGITS, epoch=-1)
    run.log_outputs(["a", "b"], LOGITS, epoch=0, split="holdout")
    run.log_outputs(["a", "b"], LOGITS, epoch=0, prediction_kind="guess")
    run.log_outputs(["a", "b"], object(), epoch=0)
    run.log_dataset(["a", "b"], ["a"])
    run.note_refused(5, "the batch has no ids")
    report = run.finish()
    assert (report.rows_logged, report.rows_sent, report.rows_refused) == (2, 2, 27)
    assert report.sentences["rows were refused as logits must have 2 columns, one for each class: current width is 3"] == 6
    assert caplog.text.count("current width is 3") == 1
    assert "split must be one of training, validation, test: current value is 'holdout'" in caplog.text


def test_strict_raises_for_refused_rows(fake: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_STRICT", "1")
    run = assay.init(label_names=["a", "b"])
    with pytest.raises(ValueError, match="Cannot log 2 rows as logits must have 2 columns"):
        log(run, logits=np.zeros((2, 3)))
    with pytest.raises(ValueError, match="labels must have 2 entries"):
        run.log_dataset(["a", "b"], ["a"])
    assert run.finish().rows_refused == 4


def test_rows_after_finish_are_refused(fake: FakeServer, caplog: pytest.LogCaptureFixture) -> None:
    run = assay.init(label_names=["a", "b"])
    log(run)
    run.finish()
    log(run)
    assert "the run is finished" in caplog.text
    assert len(fake.parts()) == 1


def test_the_caller_may_change_its_arrays(fake: FakeServer) -> None:
    run = assay.init(label_names=["a", "b"])
    ids, logits, embeddings = ["a", "b"], LOGITS.copy(), np.ones((2, 3))
    run.log_outputs(ids, logits, embeddings=embeddings, epoch=0)
    ids[0] = "changed"
    logits[:] = embeddings[:] = 9
    run.finish()
    assert read(fake.parts()[0].body) == [
        {"id": "a", "logits": [0.5, -0.5], "embedding": [1, 1, 1]},
        {"id": "b", "logits": [0.25, 1.5], "embedding": [1, 1, 1]},
    ]


def test_later_outputs_are_made_on_another_thread_and_checked(fake: FakeServer) -> None:
    import threading

    from assay.run import OutputArrays

    threads: list[str] = []

    def make() -> OutputArrays:
        threads.append(threading.current_thread().name)
        return OutputArrays(["a", "b"], LOGITS, np.zeros((2, 4), np.float16))

    run = assay.init()
    run.log_outputs_later(2, 1000, make, epoch=0, split="training")
    run.log_outputs_later(3, 1000, make, epoch=0, split="training")
    run.log_outputs_later(2, 1000, lambda: 1 / 0, epoch=0, split="training")  # type: ignore[arg-type, return-value]
    report = run.finish()
    assert threads == ["assay-buffer"] * 2
    assert (report.rows_logged, report.rows_sent, report.rows_refused) == (2, 2, 5)
    assert "rows were refused as ZeroDivisionError: division by zero" in report.sentences
    assert run.label_names == ("0", "1")
