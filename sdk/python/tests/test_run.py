from __future__ import annotations

import os
import time
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from testing.fake_server import FakeServer
from testing.runs import LOGITS, RUN_ID, log, read

import assay
from assay._spool import spools


def test_a_run_is_made_its_parts_are_sent_and_it_is_finished(fake: FakeServer, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = assay.init("mails", project="p", dataset="d", label_names=["ham", "spam"], metadata_schema={"type": "object"}, run_id=RUN_ID)
    assert assay.current_run() is run
    assert run.url == f"{fake.url}/runs/{RUN_ID}"
    assay.log_dataset(["a", "b"], ["ham", None], texts=["x", "y"])
    assay.log_outputs(["a", "b"], LOGITS, epoch=0)
    assay.log_outputs(["b", "a"], LOGITS, epoch=0, split="validation", prediction_kind="in_sample")
    report = assay.finish()
    made, *parts, finish = fake.seen
    assert (made.method, made.path) == ("PUT", f"/functions/v1/ingest/v1/runs/{RUN_ID}")
    assert made.json() == {
        "project": "p",
        "dataset": "d",
        "name": "mails",
        "label_names": ["ham", "spam"],
        "writers": 1,
        "metadata_schema": {"type": "object"},
    }
    assert [seen.query for seen in parts] == [
        {"kind": "samples", "split": "training", "epoch": "0", "writer": "0", "generation": "0", "seq": "0"},
        {"kind": "outputs", "split": "training", "epoch": "0", "writer": "0", "generation": "0", "seq": "0"},
        {
            "kind": "outputs",
            "split": "validation",
            "epoch": "0",
            "writer": "0",
            "generation": "0",
            "seq": "0",
            "prediction_kind": "in_sample",
        },
    ]
    assert read(parts[0].body) == [{"id": "a", "label": "ham", "text": "x"}, {"id": "b", "label": None, "text": "y"}]
    assert read(parts[1].body) == [{"id": "a", "logits": [0.5, -0.5]}, {"id": "b", "logits": [0.25, 1.5]}]
    assert len({seen.headers["idempotency-key"] for seen in parts}) == 3
    assert finish.json() == {
        "writer": "0",
        "generation": 0,
        "manifest": [
            {"part_kind": "outputs", "split": "training", "epoch": 0, "parts": 1, "rows": 2},
            {"part_kind": "outputs", "split": "validation", "epoch": 0, "parts": 1, "rows": 2},
            {"part_kind": "samples", "split": "training", "epoch": 0, "parts": 1, "rows": 2},
        ],
        "incomplete": False,
    }
    assert (report.state, report.job_id, report.rows_logged, report.rows_sent, report.rows_resent) == ("closed", "job-1", 6, 6, 0)
    assert run.finish() is report
    assert f'run "mails": 6 rows logged, 6 sent\nassay: {run.url}' in capsys.readouterr().err
    assert list(spools(state / "assay" / "spool")) == []


def test_names_are_found_with_the_first_logits(fake: FakeServer) -> None:
    run = assay.init()
    run.log_dataset([1], [0])
    time.sleep(0.4)
    assert fake.seen == []
    log(run)
    run.finish()
    assert fake.seen[0].json()["label_names"] == ["0", "1"]
    assert run.label_names == ("0", "1")


def test_classes_are_declared_once(fake: FakeServer, caplog: pytest.LogCaptureFixture) -> None:
    run = assay.init()
    run.declare_classes(["x", "y"])
    run.declare_classes(["x", "y"])
    run.declare_classes(["y", "x"])
    assert "named before" in caplog.text
    log(run)
    run.finish()
    assert fake.seen[0].json()["label_names"] == ["x", "y"]


def test_assumed_order_of_names_is_said(fake: FakeServer, caplog: pytest.LogCaptureFixture) -> None:
    run = assay.init()
    run.log_dataset(["a", "b"], ["spam", "ham"])
    log(run)
    run.finish()
    assert fake.seen[0].json()["label_names"] == ["ham", "spam"]
    assert "alphabetical order" in caplog.text


def test_offline_writes_everything_to_disk_and_asks_no_server(fake: FakeServer, monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
    monkeypatch.setenv("ASSAY_MODE", "offline")
    run = assay.init("later", label_names=["a", "b"])
    log(run)
    report = run.finish()
    assert fake.seen == []
    assert (report.state, report.rows_spooled, report.rows_lost) == ("spooled", 2, 0)
    (spool,) = spools(state / "assay" / "spool")
    assert spool.read_state()["request"]["name"] == "later"


def test_a_run_id_may_be_a_uuid_and_names_any_sequence(fake: FakeServer) -> None:
    run = assay.init(run_id=uuid.UUID(RUN_ID), label_names=np.array(["a", "b"]), writers=np.int64(1))  # type: ignore[arg-type]
    assert (run.id, run.label_names, run.writers) == (RUN_ID, ("a", "b"), 1)
    run.finish()


def test_off_does_nothing_at_all(fake: FakeServer, state: Path) -> None:
    run = assay.init(mode="off")
    run.log_dataset([object()], 7)
    run.log_outputs(None, None, epoch=-1)
    run.log_outputs_later(1, 1, lambda: 1 / 0, epoch=0, split="?")  # type: ignore[arg-type, return-value]
    run.close_epoch("training", 0)
    run.note_refused(1, "x")
    assert run.finish(wait=True).state == "off"
    assert fake.seen == []
    assert not state.exists()


def test_a_run_without_rows_is_forgotten(fake: FakeServer, state: Path) -> None:
    report = assay.init(label_names=["a"]).finish()
    assert report.state == "empty"
    assert fake.finishes() == []
    assert list(spools(state / "assay" / "spool")) == []


def test_features_and_labels_need_no_logits(fake: FakeServer) -> None:
    run = assay.init()
    run.log_dataset([1, 2], ["b", "a"], features=np.eye(2))
    assert run.finish().state == "closed"
    assert fake.seen[0].json()["label_names"] == ["a", "b"]


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        ({"run_id": "x"}, "must be a UUID"),
        ({"label_names": []}, "1 to 10000"),
        ({"label_names": ["a", "a"]}, "unique"),
        ({"label_names": "ab"}, "sequence of names"),
        ({"label_names": 2}, "sequence of names"),
        ({"label_names": {"a", "b"}}, "sequence of names"),
        ({"name": 3}, "name must have 1 to 200"),
        ({"run_id": 5}, "must be a UUID"),
        ({"writers": "2"}, "writers must be an integer: current value is '2'"),
        ({"n_classes": "2"}, "n_classes must be an integer"),
        ({"generation": 1.5}, "generation must be an integer"),
        ({"label_names": ["a"], "n_classes": 2}, "n_classes must be the number"),
        ({"writers": 0}, "writers must be 1 to 4096"),
        ({"generation": -1}, "generation must be at least 0"),
        ({"name": ""}, "name must have 1 to 200"),
        ({"mode": "sometimes"}, "mode .* must be one of"),
        ({"url": "localhost:54321"}, "url .* must begin with http"),
        ({"metadata_schema": {"type": object}}, "metadata_schema must be a JSON Schema"),
    ],
)
def test_mistakes_of_setup_raise(fake: FakeServer, arguments: Any, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        assay.init(**arguments)
    assert fake.seen == []


def test_a_finished_run_holds_no_bytes(fake: FakeServer) -> None:
    run = assay.init(label_names=["a", "b"])
    log(run)
    run.finish()
    assert not run._sender.delivered


def test_as_a_context_manager_it_finishes_also_after_an_exception(fake: FakeServer) -> None:
    with pytest.raises(KeyError), assay.init(label_names=["a", "b"]) as run:
        log(run)
        raise KeyError("x")
    assert [finish["incomplete"] for finish in fake.finishes()] == [True]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_after_a_fork_the_child_leaves_everything_to_the_parent(fake: FakeServer) -> None:
    run = assay.init(label_names=["a", "b"])
    log(run, 0)
    child = os.fork()
    if child == 0:
        try:
            log(run, 7)
            run.log_dataset([1], [0])
            run.close_epoch("training", 7)
            os._exit(0 if run.finish().rows_logged == 0 else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    log(run, 1)
    report = run.finish()
    assert (report.rows_logged, report.rows_sent) == (4, 4)
    assert [seen.query["epoch"] for seen in fake.parts()] == ["0", "1"]


def test_no_current_run_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from assay import _current

    monkeypatch.setattr(_current, "_current", None)
    with pytest.raises(RuntimeError, match=r"call assay.init\(\) first"):
        assay.log_outputs([1], [[0.5]], epoch=0)
