"""`assay.watch` against the real platform: what it stores is what the loops noted."""

from __future__ import annotations

import os
import pickle
import re
import signal
import socket
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from testing.platform import Platform
from torch.utils.data import DataLoader, TensorDataset
from watch_loops import Net, load_digits
from watch_stored import Stored

import assay

HERE = Path(__file__).parent
SCRIPT = str(HERE / "watch_script.py")


def run_script(folder: Path, *options: str, launcher: tuple[str, ...] = (), **env: str) -> subprocess.Popen[str]:
    """Start the script."""
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent / "src"), str(HERE)]), "OMP_NUM_THREADS": "1", **env}
    command = [sys.executable, *launcher, SCRIPT, str(folder), *options]
    return subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def end_of(process: subprocess.Popen[str], code: int = 0) -> tuple[str, str]:
    """What it printed."""
    out, err = process.communicate(timeout=240)
    assert process.returncode == code, err
    return out, err


def noted(folder: Path) -> tuple[dict[tuple[str, int], list[Any]], dict[Any, Any]]:
    """What all its processes noted."""
    rows: dict[tuple[str, int], list[Any]] = defaultdict(list)
    labels: dict[Any, Any] = {}
    for path in folder.glob("notes-*.pickle"):
        for_file, labels_of_file = pickle.loads(path.read_bytes())
        for place, some in for_file.items():
            rows[place] += some
        labels.update(labels_of_file)
    return rows, labels


def assert_stored(server: Platform, folder: Path, run_id: str) -> Stored:
    """Every row that was noted is stored once under its id, equal to the bit, and no other."""
    stored = Stored(server, run_id)
    rows, labels = noted(folder)
    assert {place: sorted(some) for place, some in stored.outputs.items()} == {place: sorted(some) for place, some in rows.items()}
    assert labels.items() <= stored.samples.items()
    return stored


def the_run(out: str) -> str:
    """Id of the only run that was printed."""
    ids = set(re.findall(r"run ([0-9a-f-]{36}) writer", out))
    assert len(ids) == 1, out
    return ids.pop()


OPTIONS = {
    "no workers, shuffled, accumulated": [],
    "4 workers, drop_last": ["--workers=4", "--drop-last"],
    "weighted with replacement": ["--is-weighted"],
}


@pytest.mark.slow
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
def test_a_script_with_one_line_more_is_stored_as_it_ran(server: Platform, tmp_path: Path, options: list[str]) -> None:
    out, err = end_of(run_script(tmp_path, *options))
    assert_stored(server, tmp_path, the_run(out))
    assert "refused" not in err


@pytest.mark.slow
def test_a_killed_training_goes_on_from_its_checkpoint_in_the_same_run(server: Platform, tmp_path: Path) -> None:
    first, _ = end_of(run_script(tmp_path, "--name=digits", "--die-at=1:4"), code=-signal.SIGKILL)
    second, _ = end_of(run_script(tmp_path, "--name=digits"))
    assert "generation 0" in first and "generation 1" in second
    stored = assert_stored(server, tmp_path, the_run(first + second))
    assert {(epoch, generation) for epoch, _, generation in stored.generations} == {(0, 0), (0, 1), (1, 1), (2, 1)}
    assert server.sql(f"select incomplete from assay.runs where id = '{the_run(second)}'") == [{"incomplete": False}]
    third, _ = end_of(run_script(tmp_path, "--name=digits", "--epochs=4"))
    assert the_run(third) != the_run(second), "a finished run is not gone on with"


@pytest.mark.slow
@pytest.mark.parametrize("late", [[], ["--late-group"]], ids=["group first", "run id given"])
def test_two_processes_are_writers_of_one_run(server: Platform, tmp_path: Path, late: list[str]) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = str(listener.getsockname()[1])
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    if late:
        shared["ASSAY_RUN_ID"] = "0b8fd4a5-66b7-4d8b-9c3c-3f0a0c1f6f10"
    processes = [run_script(tmp_path, *late, **shared, RANK=str(rank)) for rank in range(2)]
    out = "".join(end_of(process)[0] for process in processes)
    stored = assert_stored(server, tmp_path, the_run(out))
    assert {writer for _, writer, _ in stored.generations} == {"0", "1"}
    assert server.sql(f"select state, incomplete from assay.runs where id = '{the_run(out)}'") == [{"state": "closed", "incomplete": False}]


@pytest.mark.slow
@pytest.mark.parametrize("late", [[], ["--late-group"]], ids=["group first", "group later"])
def test_a_training_that_torchrun_starts_again_goes_on_in_the_same_run(server: Platform, tmp_path: Path, late: list[str]) -> None:
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "--max-restarts=1")
    own_store = {"TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}  # in a shared one gloo finds addresses of processes that are gone
    out, err = end_of(run_script(tmp_path, "--die-at=1:2", "--how=raise", *late, launcher=launcher, **own_store))
    stored = assert_stored(server, tmp_path, the_run(out))
    assert "stays open for the restart" in err
    assert {(epoch, writer, generation) for epoch, writer, generation in stored.generations if epoch} == {
        (epoch, writer, 1) for epoch in (1, 2) for writer in "01"
    }
    assert server.sql(f"select state, incomplete from assay.runs where id = '{the_run(out)}'") == [{"state": "closed", "incomplete": False}]


@pytest.mark.slow
def test_flipped_labels_of_the_digits_are_found(server: Platform) -> None:
    pixels, truth = load_digits(return_X_y=True)
    random = np.random.default_rng(0)
    flipped = random.choice(len(truth), len(truth) // 10, replace=False)
    given = truth.copy()
    given[flipped] = (given[flipped] + random.integers(1, 10, len(flipped))) % 10
    torch.manual_seed(0)
    padded = np.concatenate([pixels, np.arange(len(pixels))[:, None]], axis=1)
    loader = DataLoader(TensorDataset(torch.from_numpy(padded).float(), torch.from_numpy(given)), batch_size=64, shuffle=True)
    model = Net()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

    run = assay.watch(model, training=loader, name="flipped digits")

    for _ in range(15):
        for x, y in loader:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()
    report = run.finish(wait=True)
    assert (report.rows_refused, report.rows_lost) == (0, 0)
    worst = {int(row["sample_id"]) for row in run.worst(len(flipped))}
    assert len(worst) == len(flipped)
    assert len(worst & set(flipped.tolist())) / len(flipped) >= 0.8
