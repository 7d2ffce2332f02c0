from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from testing.fake_server import FakeServer, Seen, refusal

import assay
from assay.__main__ import main
from assay._spool import spools

RUN_ID = "11111111-2222-4333-8444-555555555555"


def logged_offline(name: str = "later", **arguments: object) -> assay.Run:
    run = assay.init(name, label_names=["a", "b"], mode="offline", **arguments)  # type: ignore[arg-type]
    run.log_outputs(["x", "y"], np.ones((2, 2), np.float32), epoch=0)
    run.finish()
    return run


def left(state: Path) -> int:
    return len(list(spools(state / "assay" / "spool")))


def test_a_run_logged_offline_is_made_sent_and_finished(fake: FakeServer, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = logged_offline()
    assert main(["sync"]) == 0
    made, part, finish = fake.seen
    assert (made.method, made.json()["name"], made.json()["label_names"]) == ("PUT", "later", ["a", "b"])
    assert part.query["seq"] == "0"
    assert finish.json() == {
        "writer": "0",
        "generation": 0,
        "manifest": [{"part_kind": "outputs", "split": "training", "epoch": 0, "parts": 1, "rows": 2}],
        "incomplete": False,
    }
    assert f"2 rows sent, closed: {fake.url}/runs/{run.id}" in capsys.readouterr().out
    assert left(state) == 0
    assert main(["sync"]) == 0
    assert "Nothing waits" in capsys.readouterr().out


def test_only_the_run_that_is_asked_for(fake: FakeServer, state: Path) -> None:
    one, _ = logged_offline(), logged_offline()
    assert main(["sync", one.id]) == 0
    assert {seen.path.split("/")[6] for seen in fake.seen} == {one.id}
    assert left(state) == 1
    assert main(["sync", RUN_ID]) == 1


def test_without_a_server_everything_stays(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logged_offline()
    assert main(["sync", "--timeout", "0.2"]) == 1
    assert "stays on disk: Cannot find an Assay server" in capsys.readouterr().out
    assert left(state) == 1


@pytest.mark.parametrize(("path", "code"), [(RUN_ID, "unauthenticated"), ("/parts", "too_large"), ("/finish", "forbidden")])
def test_what_is_refused_stays_and_goes_through_later(
    fake: FakeServer, state: Path, capsys: pytest.CaptureFixture[str], path: str, code: str
) -> None:
    logged_offline(run_id=RUN_ID)
    fake.answer(path, refusal(401, code) if path != "/parts" else refusal(413, code))
    assert main(["sync"]) == 1
    assert "Cannot do it" in capsys.readouterr().out
    assert left(state) == 1
    assert main(["sync"]) == 0
    assert left(state) == 0
    sent = fake.parts()
    assert len({(seen.headers["idempotency-key"], seen.body) for seen in sent}) == 1


def test_a_sync_that_dies_is_gone_on_with(fake: FakeServer, state: Path) -> None:
    run = assay.init(label_names=["a", "b"], mode="offline")
    for epoch in range(5):
        run.log_outputs(["x"], np.ones((1, 2), np.float32), epoch=epoch)
    run.finish()
    fake.answer("/parts", refusal(500, "x", how="cut"), refusal(400, "validation_failed"))
    assert main(["sync", "--timeout", "5"]) == 1
    assert main(["sync"]) == 0
    epochs = [seen.query["epoch"] for seen in fake.parts()]
    assert set(epochs) == {"0", "1", "2", "3", "4"}
    assert left(state) == 0


def test_all_writers_of_a_run_are_sent_before_any_closes_it(fake: FakeServer, state: Path) -> None:
    for writer in ("0", "1"):
        logged_offline(run_id=RUN_ID, writer=writer, writers=2)
    assert main(["sync"]) == 0
    kinds = [
        (seen.path.rsplit("/", 1)[1], seen.query.get("writer") or (seen.json()["writer"] if seen.path.endswith("finish") else ""))
        for seen in fake.seen
    ]
    assert [kind for kind, _ in kinds if kind != RUN_ID] == ["parts", "parts", "finish", "finish"]
    assert [writer for kind, writer in kinds if kind == "finish"] == ["0", "1"]
    assert left(state) == 0


def test_of_several_generations_the_newest_finishes(fake: FakeServer, state: Path) -> None:
    for _ in range(2):
        logged_offline(run_id=RUN_ID)
    assert main(["sync"]) == 0
    assert [seen.query["generation"] for seen in fake.parts()] == ["0", "1"]
    assert [finish["generation"] for finish in fake.finishes()] == [1]
    assert left(state) == 0


def test_what_was_logged_to_one_server_is_not_sent_to_another(
    fake: FakeServer, state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSAY_API_KEY", "assay_public_secretsecret")
    fake.answer("/parts", refusal(401, "unauthenticated"))
    run = assay.init(label_names=["a", "b"])
    run.log_outputs(["x"], np.ones((1, 2), np.float32), epoch=0)
    run.finish()
    assert all(b"secretsecret" not in path.read_bytes() for path in state.rglob("*") if path.is_file())
    other = FakeServer()
    monkeypatch.setenv("ASSAY_URL", other.url)
    monkeypatch.setenv("ASSAY_API_KEY", "assay_another_secretsecret")
    assert main(["sync"]) == 1
    assert f"was logged to {fake.url}, and the server here is {other.url}" in capsys.readouterr().out
    assert (other.seen, left(state)) == ([], 1)
    monkeypatch.setenv("ASSAY_API_KEY", "assay_public_secretsecret")
    assert main(["sync"]) == 0, "the same key: it has another port"
    assert len(other.parts()) == 1
    other.close()


def test_another_server_can_be_asked_for(fake: FakeServer, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.answer("/parts", refusal(401, "unauthenticated"))
    run = assay.init(label_names=["a", "b"])
    run.log_outputs(["x"], np.ones((1, 2), np.float32), epoch=0)
    run.finish()
    other = FakeServer()
    monkeypatch.setenv("ASSAY_URL", other.url)
    assert main(["sync", "--any-server"]) == 0
    assert (len(other.parts()), left(state)) == (1, 0)
    other.close()


def test_a_process_that_begins_while_its_earlier_rows_are_sent_may_go_on(fake: FakeServer, state: Path) -> None:
    logged_offline(run_id=RUN_ID)
    killed = next(spools(state / "assay" / "spool"))
    killed.write_state(finish=None)
    begun: list[assay.Run] = []

    def begin(seen: Seen) -> None:
        if seen.path.endswith("/parts") and not begun:
            begun.append(assay.init(label_names=["a", "b"], run_id=RUN_ID))

    fake.on_request = begin
    assert main(["sync"]) == 0
    assert fake.finishes() == [], "the run is not closed under a process that logs"
    begun[0].log_outputs(["z"], np.ones((1, 2), np.float32), epoch=1)
    assert begun[0].finish().state == "closed"
    assert [seen.query["generation"] for seen in fake.parts()] == ["0", "1"]


def test_a_run_can_be_kept_open(fake: FakeServer, state: Path) -> None:
    logged_offline()
    assert main(["sync", "--keep-open"]) == 0
    assert len(fake.parts()) == 1
    assert fake.finishes() == []
    assert left(state) == 1


def test_status_names_server_and_what_waits(fake: FakeServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 0
    assert f"Server: {fake.url}" in capsys.readouterr().out
    logged_offline("mails")
    assert main(["status"]) == 0
    assert 'run "mails"' in (said := capsys.readouterr().out)
    assert "2 rows in 1 parts; finished" in said


def test_what_cannot_be_sent_can_be_discarded(fake: FakeServer, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = assay.init("no classes", run_id=RUN_ID)
    run.log_dataset([1, 2], [None, None])
    assert main(["discard", RUN_ID]) == 1
    assert "its process runs" in capsys.readouterr().out
    assert "classes are not known" in (run.finish().problem or "")
    assert main(["sync"]) == 1
    assert "names of its classes are not known" in capsys.readouterr().out
    assert main(["discard", RUN_ID]) == 0
    assert "2 rows removed" in capsys.readouterr().out
    assert (left(state), main(["discard", RUN_ID]), fake.seen) == (0, 1, [])
