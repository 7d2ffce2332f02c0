from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest
from testing.fake_server import FakeServer, refusal
from testing.runs import RUN_ID, log, read, wait_for

import assay
from assay import _sender
from assay._spool import spools


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
