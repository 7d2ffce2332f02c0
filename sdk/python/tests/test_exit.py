"""The ways a training ends, each in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from testing.fake_server import FakeServer

from assay import FinishReport, _exit
from assay.__main__ import main
from assay._spool import spools

SOURCE = Path(__file__).parents[1] / "src"

BEGIN = """
import os, signal, sys, time
import numpy as np
import assay

def log(epoch):
    run.log_outputs(["a", "b"], np.zeros((2, 2), np.float32), epoch=epoch)

run = assay.init("training", label_names=["x", "y"], run_id="11111111-2222-4333-8444-555555555555")
log(0)
"""


def start(code: str) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(SOURCE)}
    return subprocess.Popen([sys.executable, "-c", BEGIN + code], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(code: str) -> tuple[int, str]:
    process = start(code)
    _, said = process.communicate(timeout=60)
    return process.returncode, said


def test_a_process_that_ends_finishes_its_run(fake: FakeServer) -> None:
    code, said = run("log(1)")
    assert code == 0
    assert len(fake.parts()) == 2
    assert [finish["incomplete"] for finish in fake.finishes()] == [False]
    assert "4 rows logged, 4 sent" in said
    assert "/runs/11111111" in said


def test_many_runs_do_not_each_wait_for_a_server_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float | None] = []

    class Waiting:
        def finish(self, *, incomplete: bool = False, timeout_s: float | None = None) -> FinishReport:
            asked.append(timeout_s)
            return FinishReport("id", state="spooled")

        def forget(self) -> None:
            pass

    monkeypatch.setattr(_exit, "_runs", [Waiting(), Waiting(), Waiting()])
    _exit._finish_all()
    assert asked == [None, 5.0, 5.0]


def test_an_exception_at_a_prompt_closes_nothing(fake: FakeServer) -> None:
    code, _ = run("sys.ps1 = '>>> '\nsys.excepthook(ValueError, ValueError('a typo'), None)\nlog(1)")
    assert code == 0
    assert [finish["incomplete"] for finish in fake.finishes()] == [False]


def test_an_exception_that_nobody_catches_closes_the_run_as_incomplete(fake: FakeServer) -> None:
    code, said = run("raise ZeroDivisionError('in the loop')")
    assert code == 1
    assert "ZeroDivisionError: in the loop" in said
    assert [finish["incomplete"] for finish in fake.finishes()] == [True]
    assert len(fake.parts()) == 1
    assert "closed as incomplete" in said


def test_ctrl_c_closes_the_run_as_incomplete(fake: FakeServer) -> None:
    process = start("print('ready', flush=True)\nwhile True: log(1); time.sleep(.001)")
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode not in (0, None)
    assert "KeyboardInterrupt" in said
    assert [finish["incomplete"] for finish in fake.finishes()] == [True]


def test_ctrl_c_again_leaves_what_is_not_sent_on_disk(state: Path) -> None:
    process = start("try:\n    print('ready', flush=True); time.sleep(60)\nfinally:\n    print('leaving', flush=True)")
    assert process.stdout
    for line in ("ready\n", "leaving\n"):
        assert process.stdout.readline() == line
        if line == "ready\n":
            process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=5)  # far less than it would wait for the server
    assert "2 still on disk" in said
    (spool,) = spools(state / "assay" / "spool")
    assert spool.read_state()["finish"]["incomplete"] is True
    assert sum(part.n_rows for part in spool.parts()) == 2


def test_sys_exit_finishes_the_run_also_from_a_function(fake: FakeServer) -> None:
    code, _ = run("sys.exit(3)")
    assert code == 3
    assert [finish["incomplete"] for finish in fake.finishes()] == [False]


def test_what_a_killed_process_left_on_disk_is_sent_by_sync(
    fake: FakeServer, state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSAY_MODE", "offline")
    process = start("run.close_epoch('training', 0)\ntime.sleep(1)\nprint('ready', flush=True)\ntime.sleep(60)")
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    assert main(["sync"]) == 0
    assert "left alone, as its process runs" in capsys.readouterr().out
    assert fake.seen == []
    process.kill()
    process.wait()
    assert main(["status"]) == 0
    assert "2 rows in 1 parts; its process ended without finishing" in capsys.readouterr().out
    assert main(["sync"]) == 0
    said = capsys.readouterr().out
    assert 'Run "training"' in said
    assert "2 rows sent, closed as incomplete: " in said
    assert [seen.query["seq"] for seen in fake.parts()] == ["0"]
    assert fake.finishes() == [{"writer": "0", "generation": 0, "manifest": None, "incomplete": True}]
    assert list(spools(state / "assay" / "spool")) == []


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_process_of_multiprocessing_finishes_its_own_run(fake: FakeServer, tmp_path: Path, method: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(f"""
import multiprocessing, sys
import numpy as np
import assay

def train(writer, fails):
    run = assay.init(label_names=["x", "y"], run_id="11111111-2222-4333-8444-555555555555", writer=writer, writers=2)
    run.log_outputs(["a"], np.zeros((1, 2), np.float32), epoch=0)
    if fails:
        raise ZeroDivisionError

if __name__ == "__main__":
    context = multiprocessing.get_context("{method}")
    for writer, fails in (("1", False), ("0", True)):
        process = context.Process(target=train, args=(writer, fails))
        process.start()
        process.join()
""")
    env = {**os.environ, "PYTHONPATH": str(SOURCE)}
    subprocess.run([sys.executable, script], env=env, check=True, timeout=60, stderr=subprocess.DEVNULL)
    assert [(finish["writer"], finish["incomplete"]) for finish in fake.finishes()] == [("1", False), ("0", True)]
    assert len(fake.parts()) == 2


def test_a_forked_child_that_ends_leaves_the_run_open(fake: FakeServer) -> None:
    code, said = run("pid = os.fork()\nif pid == 0: log(5); sys.exit(0)\nos.waitpid(pid, 0); time.sleep(.3); log(1)")
    assert code == 0
    assert len(fake.finishes()) == 1
    assert sorted(seen.query["epoch"] for seen in fake.parts()) == ["0", "1"]
    assert said.count("rows logged") == 1
