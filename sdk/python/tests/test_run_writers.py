from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from testing.fake_server import Answer, FakeServer
from testing.runs import OTHER_ID, RUN_ID, log

import assay
from assay._spool import spools


def test_the_first_writer_waits_for_the_others(fake: FakeServer) -> None:
    waiting = Answer(200, {"run_id": "r", "state": "open", "job_id": None, "writers_missing": 1}, {})
    fake.answer("/finish", waiting, waiting)
    run = assay.init(label_names=["a", "b"], writers=2)
    log(run)
    report = run.finish()
    assert [finish["incomplete"] for finish in fake.finishes()] == [False] * 3
    assert (report.state, report.writers_left_out) == ("closed", 0)


def test_the_first_writer_closes_the_run_without_lost_ones(
    fake: FakeServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSAY_WRITERS_TIMEOUT_S", "0")
    waiting = Answer(200, {"run_id": "r", "state": "open", "job_id": None, "writers_missing": 2}, {})
    fake.answer("/finish", waiting)
    run = assay.init(label_names=["a", "b"], writers=3)
    log(run)
    assert run.finish().writers_left_out == 2
    assert [finish["incomplete"] for finish in fake.finishes()][-1] is True
    assert "without 2 of its writers" in capsys.readouterr().err


def test_other_writers_do_not_wait(fake: FakeServer) -> None:
    fake.answer("/finish", Answer(200, {"run_id": "r", "state": "open", "job_id": None, "writers_missing": 1}, {}))
    run = assay.init(label_names=["a", "b"], writers=2, writer="1")
    log(run)
    assert run.finish().state == "open"
    assert len(fake.finishes()) == 1


def test_a_writer_whose_run_is_open_is_remembered_until_the_last_one_closes_it(fake: FakeServer, state: Path) -> None:
    fake.answer("/finish", Answer(200, {"run_id": "r", "state": "open", "job_id": None, "writers_missing": 1}, {}))
    root = state / "assay" / "spool"
    for writer in ("1", "0"):
        run = assay.init(label_names=["a", "b"], run_id=RUN_ID, writer=writer, writers=2)
        log(run)
        run.finish()
        assert [spool.writer for spool in spools(root)] == (["1"] if writer == "1" else [])


def test_a_resumed_run_is_a_higher_generation_and_sends_what_the_lower_left(
    fake: FakeServer, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = assay.init(label_names=["a", "b"], run_id=RUN_ID, mode="offline")
    log(first, 0)
    first.finish()
    monkeypatch.setenv("ASSAY_RUN_ID", RUN_ID.upper())
    second = assay.init(label_names=["a", "b"])
    assert (second.id, second.generation) == (RUN_ID, 1)
    log(second, 1)
    report = second.finish()
    assert [(seen.query["generation"], seen.query["epoch"]) for seen in fake.parts()] == [("0", "0"), ("1", "1")]
    assert [(f["generation"], [entry["epoch"] for entry in f["manifest"]]) for f in fake.finishes()] == [(1, [1])]
    assert (report.rows_logged, report.rows_sent, report.rows_resent) == (2, 4, 2)
    assert list(spools(state / "assay" / "spool")) == []


def test_a_run_begun_on_another_machine_is_gone_on_with_in_a_higher_generation(fake: FakeServer, state: Path) -> None:
    fake.answer(f"api/v1/runs/{RUN_ID}", Answer(200, {"run_id": RUN_ID}, {}))
    run = assay.init(label_names=["a", "b"], run_id=RUN_ID)
    assert 2**31 > run.generation > time.time() - 2_000_000_000
    log(run)
    run.finish()
    assert {seen.query["generation"] for seen in fake.parts()} == {str(run.generation)} == {str(fake.finishes()[0]["generation"])}
    assay.init(label_names=["a", "b"]).finish()
    other = assay.init(label_names=["a", "b"], run_id=OTHER_ID, writer="1", writers=2)
    assert other.generation == 0, "the run may be there as another writer was faster"
    other.finish()
    assert len(fake.looked) == 1, "neither a run with a new id nor one of several writers is looked for"


def test_a_start_waits_for_who_only_looks_at_the_folder(fake: FakeServer, state: Path) -> None:
    first = assay.init(label_names=["a", "b"], run_id=RUN_ID, mode="offline")
    log(first)
    first.finish()
    looked_at = next(spools(state / "assay" / "spool"))
    assert looked_at.open()
    threading.Timer(0.15, looked_at.close).start()
    run = assay.init(label_names=["a", "b"], run_id=RUN_ID)
    assert run.generation == 1
    run.finish()


def test_a_start_that_is_refused_holds_nothing(fake: FakeServer, state: Path) -> None:
    root = state / "assay" / "spool"
    for generation in (0, 1):
        one = assay.init(label_names=["a", "b"], run_id=RUN_ID, mode="offline", generation=generation)
        log(one)
        one.finish()
    _, newer = spools(root)
    assert newer.open()
    with pytest.raises(ValueError, match="is logged by a process that runs"):
        assay.init(label_names=["a", "b"], run_id=RUN_ID)
    older, _ = spools(root)
    assert older.open()
    older.close()
    newer.close()


def test_two_processes_may_not_be_the_same_writer(fake: FakeServer) -> None:
    run = assay.init(label_names=["a"], run_id=RUN_ID)
    with pytest.raises(ValueError, match='writer "0".*is logged by a process that runs.*give each its own writer'):
        assay.init(label_names=["a"], run_id=RUN_ID)
    assay.init(label_names=["a"], run_id=RUN_ID, writer="1").finish()
    run.finish()
