from __future__ import annotations

import os
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from testing.fake_server import Answer, FakeServer, refusal

import assay
from assay import _sender
from assay._spool import spools

RUN_ID = "11111111-2222-4333-8444-555555555555"
OTHER_ID = "11111111-2222-4333-8444-666666666666"
LOGITS = np.array([[0.5, -0.5], [0.25, 1.5]], np.float32)


def log(run: assay.Run, epoch: int = 0, ids: Any = ("a", "b"), logits: Any = LOGITS) -> None:
    run.log_outputs(list(ids), logits, epoch=epoch)


def read(content: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pa.ipc.open_stream(content).read_all().to_pylist()
    return rows


def wait_for(condition: Any, timeout_s: float = 10) -> None:
    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


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


def test_parts_are_sent_again_with_the_same_key_and_bytes(fake: FakeServer) -> None:
    fake.answer(
        "/parts",
        refusal(503, "away", Retry_After="0"),
        refusal(429, "busy", Retry_After="0"),
        refusal(500, "internal", how="cut"),
        refusal(500, "x", how="nothing"),
    )
    run = assay.init(label_names=["a", "b"])
    log(run)
    report = run.finish()
    assert len(fake.parts()) >= 5
    assert len({(seen.headers["idempotency-key"], seen.body) for seen in fake.parts()}) == 1
    assert (report.rows_sent, report.rows_resent, report.state) == (2, 2, "closed")


def test_retry_after_is_waited_for(fake: FakeServer) -> None:
    times: list[float] = []
    fake.on_request = lambda seen: times.append(time.monotonic()) if seen.path.endswith("/parts") else None
    fake.answer("/parts", refusal(503, "away", Retry_After="1"))
    run = assay.init(label_names=["a", "b"])
    log(run)
    run.finish()
    assert times[1] - times[0] >= 0.95


def test_without_a_server_everything_waits_on_disk(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = assay.init("alone", label_names=["a", "b"])
    assert run.url is None
    log(run)
    report = run.finish(timeout_s=0.3)
    assert (report.state, report.rows_spooled, report.rows_sent, report.rows_lost) == ("spooled", 2, 0, 0)
    said = capsys.readouterr().err
    assert "2 still on disk" in said
    assert f"assay sync {run.id}" in said
    (spool,) = spools(state / "assay" / "spool")
    assert [part.n_rows for part in spool.parts()] == [2]
    assert spool.read_state()["finish"]["manifest"][0]["rows"] == 2


def test_where_there_never_was_a_server_the_end_does_not_wait_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sender, "_NO_SERVER_S", 0.2)
    run = assay.init(label_names=["a", "b"])
    log(run)
    began = time.monotonic()
    assert run.finish().rows_spooled == 2
    assert time.monotonic() - began < 30, "ASSAY_FINISH_TIMEOUT_S is 60"


def test_a_server_that_comes_later_gets_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    late = FakeServer()
    late.close()
    monkeypatch.setenv("ASSAY_URL", late.url)
    monkeypatch.setenv("ASSAY_API_KEY", "k")
    monkeypatch.setenv("ASSAY_BUFFER_MB", "1")
    run = assay.init(label_names=[str(k) for k in range(100)])
    for _ in range(40):  # 4 MB: more than the buffer holds
        run.log_outputs(range(250), np.ones((250, 100), np.float32), epoch=0)
        run.close_epoch("training", 0)
        time.sleep(0.01)
    wait_for(lambda: any(spool.parts() for spool in spools(Path(os.environ["XDG_STATE_HOME"]) / "assay" / "spool")))
    server = FakeServer(late.port)
    report = run.finish()
    server.close()
    assert (report.state, report.rows_logged, report.rows_sent, report.rows_spooled) == ("closed", 10_000, 10_000, 0)
    assert report.rows_resent > 0
    assert sum(len(read(seen.body)) for seen in server.parts()) == 10_000
    sent = [int(seen.query["seq"]) for seen in server.parts()]
    assert sorted(sent) == list(range(len(sent)))


def test_a_long_end_shows_that_it_sends(fake: FakeServer, capsys: pytest.CaptureFixture[str]) -> None:
    fake.answer("/parts", refusal(503, "away", Retry_After="3"))
    run = assay.init(label_names=["a", "b"])
    log(run)
    run.finish()
    assert capsys.readouterr().err.count("assay: sending what is left\n") == 1


@pytest.mark.parametrize(("status", "code"), [(401, "unauthenticated"), (403, "forbidden"), (400, "validation_failed"), (409, "conflict")])
def test_a_run_that_is_refused_is_kept_and_said_once(fake: FakeServer, caplog: pytest.LogCaptureFixture, status: int, code: str) -> None:
    fake.answer(RUN_ID, refusal(status, code))
    run = assay.init(label_names=["a", "b"], run_id=RUN_ID)
    for epoch in range(3):
        log(run, epoch)
    report = run.finish()
    assert len(fake.seen) == 1
    assert (report.state, report.rows_spooled, report.rows_lost) == ("spooled", 6, 0)
    assert code in (report.problem or "")
    assert caplog.text.count("nothing can be sent and everything stays on disk") == 1


@pytest.mark.parametrize(("status", "code"), [(409, "idempotency_conflict"), (413, "too_large"), (400, "validation_failed")])
def test_a_part_that_is_refused_is_kept_and_others_go_on(fake: FakeServer, status: int, code: str) -> None:
    fake.answer("/parts", refusal(status, code))
    run = assay.init(label_names=["a", "b"])
    log(run, 0)
    log(run, 1)
    report = run.finish()
    assert len(fake.parts()) == 2
    assert (report.state, report.rows_sent, report.rows_spooled) == ("spooled", 2, 2)
    assert fake.finishes() == []


def test_rows_that_come_after_the_run_was_closed_are_lost_aloud(fake: FakeServer) -> None:
    fake.answer("/parts", refusal(409, "run_closed"))
    run = assay.init(label_names=["a", "b"])
    log(run)
    report = run.finish()
    assert (report.rows_lost, report.rows_spooled, report.state) == (2, 0, "closed")
    assert any("came too late" in sentence for sentence in report.sentences)


def test_parts_that_are_missing_are_sent_again(fake: FakeServer) -> None:
    missing = [{"part_kind": "outputs", "split": "training", "inference_name": "", "epoch": 1, "seq": 0}]
    fake.answer("/finish", refusal(409, "parts_missing", details={"missing": missing, "count": 1}))
    run = assay.init(label_names=["a", "b"])
    log(run, 0)
    log(run, 1)
    report = run.finish()
    assert [seen.query["epoch"] for seen in fake.parts()] == ["0", "1", "1"]
    assert fake.parts()[1].headers["idempotency-key"] == fake.parts()[2].headers["idempotency-key"]
    assert fake.parts()[1].body == fake.parts()[2].body
    assert [finish["incomplete"] for finish in fake.finishes()] == [False, False]
    assert (report.state, report.rows_lost) == ("closed", 0)


def test_parts_that_stay_missing_close_the_run_as_incomplete(fake: FakeServer, capsys: pytest.CaptureFixture[str]) -> None:
    missing = [{"part_kind": "outputs", "split": "training", "inference_name": "", "epoch": 0, "seq": 9}]
    fake.answer("/finish", refusal(409, "parts_missing", details={"missing": missing, "count": 1}))
    run = assay.init(label_names=["a", "b"])
    log(run)
    report = run.finish()
    assert [finish["incomplete"] for finish in fake.finishes()] == [False, True]
    assert any("1 parts are nowhere" in sentence for sentence in report.sentences)
    assert report.is_incomplete
    assert "closed as incomplete, with what was there" in capsys.readouterr().err


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


def test_a_local_server_that_comes_back_on_another_port_is_found(state: Path) -> None:
    import json

    def announce(server: FakeServer) -> None:
        (state / "assay").mkdir(parents=True, exist_ok=True)
        (state / "assay" / "servers.json").write_text(json.dumps([{"url": server.url, "api_key": "k"}]))

    first = FakeServer()
    announce(first)
    run = assay.init(label_names=["a", "b"])
    log(run, 0)
    log(run, 1)
    wait_for(lambda: len(first.parts()) == 1)
    first.close()
    run._sender._transport.close()  # type: ignore[union-attr]
    second = FakeServer()
    announce(second)
    report = run.finish()
    second.close()
    assert (report.state, report.rows_sent, run.url) == ("closed", 4, f"{second.url}/runs/{run.id}")
    assert [seen.query["epoch"] for seen in second.parts()] == ["1"]


def test_a_fault_of_ours_keeps_everything_on_disk(fake: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_API_KEY", "not a\nheader")
    run = assay.init(label_names=["a", "b"])
    log(run)
    report = run.finish()
    assert (report.state, report.rows_spooled, report.rows_lost) == ("spooled", 2, 0)
    assert "ValueError" in (report.problem or "")


def test_ctrl_c_while_it_finishes_raises_when_all_is_on_disk(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import signal
    import threading

    run = assay.init(label_names=["a", "b"])
    log(run)
    threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        run.finish()
    report = run.finish()
    assert (report.state, report.rows_spooled) == ("spooled", 2)
    assert "2 still on disk" in capsys.readouterr().err


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


def test_a_disk_that_takes_nothing_is_said_and_the_run_goes_on(
    fake: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ASSAY_SPOOL", str(tmp_path / "file" / "spool"))
    run = assay.init(label_names=["a", "b"])
    assert "disk does not take" in caplog.text
    log(run)
    assert run.finish().rows_sent == 2


def test_without_server_and_disk_rows_are_lost_aloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ASSAY_SPOOL", str(tmp_path / "file" / "spool"))
    run = assay.init(label_names=["a", "b"])
    log(run)
    report = run.finish(timeout_s=0.1)
    assert (report.rows_lost, report.rows_spooled) == (2, 0)


def test_worst_reads_pages_until_it_has_enough(fake: FakeServer) -> None:
    run = assay.init(label_names=["a", "b"])
    log(run)
    run.finish()
    pages = [
        Answer(200, {"rows": [{"rank": i, "metadata": {}} for i in range(n)], "next_cursor": cursor}, {})
        for n, cursor in ((500, "c1"), (100, None))
    ]
    fake.answer("/samples", *pages)
    assert len(assay.worst(600, issue_type="mislabeled")) == 600
    queries = [seen.query for seen in fake.seen if seen.path.endswith("/samples")]
    assert queries == [{"issue_type": "mislabeled", "limit": "500"}, {"issue_type": "mislabeled", "limit": "100", "cursor": "c1"}]


def test_results_that_are_not_there_yet_say_what_to_do(fake: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    run = assay.init(label_names=["a", "b"])
    log(run)
    fake.answer("/samples", *[refusal(409, "not_scored")] * 2)
    with pytest.raises(assay.AssayError, match=r"Cannot do it: not_scored; finish it first, with finish\(wait=True\)"):
        run.worst()
    fake.answer("/parts", refusal(400, "validation_failed"))
    run.finish()
    with pytest.raises(assay.AssayError, match=f"not_scored; send it first, with: assay sync {run.id}"):
        run.worst()


def test_off_has_results_without_rows(fake: FakeServer) -> None:
    run = assay.init(mode="off")
    assert (len(run.worst()), run.summary(), fake.seen) == (0, {}, [])


def test_a_finished_run_holds_no_bytes(fake: FakeServer) -> None:
    run = assay.init(label_names=["a", "b"])
    log(run)
    run.finish()
    assert not run._sender.delivered


def test_a_job_that_fails_is_said_with_its_own_sentence(fake: FakeServer, capsys: pytest.CaptureFixture[str]) -> None:
    fake.answer(
        "job-1",
        *[Answer(200, {"state": "failed", "stage": "fold", "fraction": 0.5, "error": "Cannot score run: no usable sample"}, {})] * 2,
    )
    run = assay.init(label_names=["a", "b"])
    log(run)
    run.finish(wait=True)
    assert "no usable sample" in capsys.readouterr().err
    with pytest.raises(assay.AssayError, match="no usable sample"):
        run.worst()


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
