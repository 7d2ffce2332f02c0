"""Against the real platform."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from testing.platform import Platform

import assay
from assay.__main__ import main

CLASSES = ("ham", "spam", "déjà vu")


def log_training(run: assay.Run, *, seed: int = 1, n: int = 120, epochs: int = 3) -> list[str]:
    """A training that gets every label right but those of the first ten samples, which are wrong."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, 3, n)
    given = truth.copy()
    given[:10] = (given[:10] + 1) % 3
    ids = [f"mail/{i}" for i in range(n)]
    run.log_dataset(
        ids, [CLASSES[y] for y in given], texts=[f"text {i}" for i in range(n)], metadata={"folder": [f"f{i % 4}" for i in range(n)]}
    )
    for epoch in range(epochs):
        logits = (4 * np.eye(3)[truth] + random.normal(0, 0.3, (n, 3))).astype(np.float32)
        embeddings = (np.eye(3)[truth] + random.normal(0, 0.1, (n, 3))).astype(np.float32)
        for batch in np.array_split(random.permutation(n), 7):
            run.log_outputs([ids[i] for i in batch], logits[batch], embeddings=embeddings[batch], epoch=epoch)
    return ids[:10]


def test_a_training_is_ranked_and_the_ranking_is_a_table(server: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    run = assay.init("three classes", label_names=CLASSES)
    wrong = log_training(run)
    report = run.finish(wait=True)
    assert (report.state, report.rows_logged, report.rows_sent, report.rows_lost) == ("closed", 480, 480, 0)
    assert run.url in capsys.readouterr().err
    table = run.worst(20, issue_type="mislabeled")
    assert set(table["sample_id"]) == set(wrong)
    assert table[0]["metadata.folder"].startswith("f")
    assert pd.DataFrame(table)["given_label"].isin(CLASSES).all()
    assert list(table.to_pandas().columns) == table.columns
    assert "déjà vu" in table._repr_html_()
    assert run.summary()["n_samples"] == 120


def parts_of(platform: Platform, run_id: str) -> list[tuple[str, str, int, int, int]]:
    """Parts as the server has them: kind, writer, generation, epoch, seq."""
    columns = "part_kind, writer, generation, epoch, seq"
    rows = platform.sql(f"select {columns} from assay.parts where run_id = '{run_id}' order by part_kind, epoch, writer, generation, seq")
    return [(row["part_kind"], row["writer"], row["generation"], row["epoch"], row["seq"]) for row in rows]


def state_of(platform: Platform, run_id: str) -> dict[str, object]:
    """The run as the server has it."""
    (row,) = platform.sql(f"select state, incomplete from assay.runs where id = '{run_id}'")
    return row


def test_a_training_logged_offline_is_sent_and_ranked_later(server: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    run = assay.init("offline", label_names=CLASSES, mode="offline")
    wrong = log_training(run)
    assert run.finish().rows_spooled == 480
    assert main(["sync"]) == 0
    assert "480 rows sent, closed: " in capsys.readouterr().out
    assert state_of(server, run.id) == {"state": "closed", "incomplete": False}
    (job,) = server.sql(f"select id from assay.jobs where run_id = '{run.id}'")
    run._reader().wait(job["id"], lambda stage, fraction: None)
    assert set(run.worst(20, issue_type="mislabeled")["sample_id"]) == set(wrong)


KILLED = """
import sys, time
import numpy as np
import assay

run = assay.init("resumed", label_names=["a", "b"], run_id=sys.argv[1])
run.log_dataset(range(100), [i % 2 for i in range(100)])
for epoch in range(3):
    run.log_outputs(range(100 if epoch < 2 else 50), np.full((100 if epoch < 2 else 50, 2), epoch, np.float32), epoch=epoch)
    run.close_epoch("training", epoch)
time.sleep(2)
print("in the middle of epoch 2", flush=True)
time.sleep(60)
"""


def test_a_training_that_is_killed_and_goes_on_counts_each_epoch_once(server: Platform) -> None:
    run_id = "aaaaaaaa-0000-4000-8000-000000000001"
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")}
    process = subprocess.Popen([sys.executable, "-c", KILLED, run_id], env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "in the middle of epoch 2\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    run = assay.init("resumed", label_names=["a", "b"], run_id=run_id)
    assert run.generation == 1
    for epoch in (2, 3):
        run.log_outputs(range(100), np.full((100, 2), epoch, np.float32), epoch=epoch)
    report = run.finish(wait=True)
    assert (report.state, report.rows_lost) == ("closed", 0)
    assert parts_of(server, run_id) == [
        ("outputs", "0", 0, 0, 0),
        ("outputs", "0", 0, 1, 0),
        ("outputs", "0", 0, 2, 0),
        ("outputs", "0", 1, 2, 0),
        ("outputs", "0", 1, 3, 0),
        ("samples", "0", 0, 0, 0),
    ]
    assert (run.summary()["n_epochs"], run.summary()["n_samples"], run.summary()["n_row_problems"]) == (4, 100, 0)


def test_two_writers_make_one_run(server: Platform) -> None:
    run_id = "aaaaaaaa-0000-4000-8000-000000000002"
    runs = [assay.init("two", label_names=["a", "b"], run_id=run_id, writer=str(rank), writers=2) for rank in range(2)]
    for rank, run in enumerate(runs):
        ids = list(range(rank, 100, 2))
        run.log_dataset(ids, [i % 2 for i in ids])
        run.log_outputs(ids, np.zeros((50, 2), np.float32), epoch=0)
    assert runs[1].finish().state == "open"
    assert runs[0].finish(wait=True).state == "closed"
    assert state_of(server, run_id) == {"state": "closed", "incomplete": False}
    assert runs[0].summary()["n_samples"] == 100


def test_a_wrong_key_is_said_and_everything_waits_for_the_right_one(server: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_API_KEY", "assay_nobody_secret")
    run = assay.init("wrong key", label_names=CLASSES)
    log_training(run)
    report = run.finish()
    assert (report.state, report.rows_spooled, report.rows_lost) == ("spooled", 480, 0)
    assert "unauthenticated" in (report.problem or "")
    monkeypatch.setenv("ASSAY_API_KEY", server.api_key)
    assert main(["sync", run.id]) == 0
    assert state_of(server, run.id) == {"state": "closed", "incomplete": False}


def test_labels_ids_and_features_of_many_kinds_are_usable(server: Platform) -> None:
    run = assay.init("kinds")
    ids: list[object] = [np.int64(1), 2**62, "é/日本", "7 "]
    run.log_dataset(ids, pd.Series(["b", "a", None, "a"]), features=np.eye(4, dtype=np.float16), images=[np.zeros((4, 4, 3), np.uint8)] * 4)
    run.log_outputs(ids, np.eye(4, 2, dtype=np.float16), epoch=0)
    run.log_outputs(ids[:2], probs=np.full((2, 2), 0.5), epoch=1)
    report = run.finish(wait=True)
    assert (report.state, report.rows_refused) == ("closed", 0)
    assert run.label_names == ("a", "b")
    assert (run.summary()["n_samples"], run.summary()["n_row_problems"]) == (4, 0)
