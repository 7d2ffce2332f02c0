"""What logging every batch adds to a training step of about 5 ms: Assay, and other trackers that are given the same arrays in the same loop.

Each batch's 64 ids (int64), logits (64 x 100, float32) and embeddings (64 x 512, float16) are logged. A step is real work on one thread: a
batch from a DataLoader, forward, backward and SGD of a small net, and as many further products of matrices as make the median 5 ms. The systems
take turns of 50 steps, each with a model and a loader of its own, so that what else the machine does meets them all.

    python bench/python/bench_logging.py [--turns 40] [--json FILE]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

STEP_MS = 5.0
TURN = 50
BATCH, WIDTH, CLASSES = 64, 512, 100
EPOCH = 100
"""Batches of an epoch."""


class Rows(Dataset[Any]):
    """Random rows; where the loop has to log ids itself, it is given them beside."""

    def __init__(self, *, with_ids: bool) -> None:
        n = BATCH * EPOCH
        self.x = torch.rand(n, WIDTH, generator=torch.Generator().manual_seed(0))
        self.with_ids = with_ids

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int) -> Any:
        item = self.x[index], index % CLASSES
        return (*item, index) if self.with_ids else item


class Net(nn.Module):
    """Its last layer's input is the embedding."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ReLU())
        self.head = nn.Linear(WIDTH, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(x))


Log = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, int], None]
"""Takes ids, logits, embeddings and the step."""


class Loop:
    """A training with one tracker, or none.

    Parameters
    ----------
    begin : callable, optional
        Given model and loader: puts a tracker on them that needs no more.
    log : callable, optional
        Called in every step.
    turn : int
        Steps that it does when it is its turn; fewer for what takes very long.
    """

    def __init__(self, *, begin: Callable[[nn.Module, Any], None] | None = None, log: Log | None = None, turn: int = TURN) -> None:
        torch.manual_seed(0)
        self.model = Net()
        self.loader = DataLoader(Rows(with_ids=log is not None), batch_size=BATCH, shuffle=True)
        self.log, self.turn = log, turn
        self.embedding: torch.Tensor | None = None
        if begin:
            begin(self.model, self.loader)
        if log:
            self.model.head.register_forward_hook(self._keep)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01)
        self.batches = self._endless()
        self.n_steps = 0
        self.times_ms: list[float] = []

    def _keep(self, head: nn.Module, args: Any, output: torch.Tensor) -> None:
        self.embedding = args[0]

    def _endless(self) -> Iterator[Any]:
        while True:
            yield from self.loader

    def step(self, ballast: int) -> float:
        """One step; how many milliseconds it took."""
        began = time.perf_counter()
        x, y, *ids = next(self.batches)
        self.optimizer.zero_grad()
        logits = self.model(x)
        nn.functional.cross_entropy(logits, y).backward()
        self.optimizer.step()
        if self.log is not None:
            assert self.embedding is not None
            self.log(ids[0], logits, self.embedding, self.n_steps)
        work(ballast)
        self.n_steps += 1
        return (time.perf_counter() - began) * 1000


_MATRIX = torch.rand(96, 96)


def work(n: int) -> None:
    """Some products of matrices."""
    product = _MATRIX
    for _ in range(n):
        product = torch.mm(product, _MATRIX).mul_(0.02)


def calibrate(loop: Loop) -> int:
    """How many products make the median of the bare step 5 ms."""
    ballast = 0
    for _ in range(8):
        for _ in range(10):
            loop.step(ballast)
        step_ms = statistics.median(loop.step(ballast) for _ in range(60))
        began = time.perf_counter()
        work(2000)
        product_ms = (time.perf_counter() - began) / 2
        ballast = max(0, round(ballast + (STEP_MS - step_ms) / product_ms))
    return ballast


def assay_loop(mode: str, stack: contextlib.ExitStack) -> Loop:
    """With the one line."""
    import assay

    def begin(model: nn.Module, loader: Any) -> None:
        run = assay.watch(model, training=loader, name=f"bench, {mode}", mode=mode)
        stack.callback(run.finish, incomplete=True)

    return Loop(begin=begin)


def tensorboard_loop(folder: Path, stack: contextlib.ExitStack) -> Loop:
    """`SummaryWriter.add_tensor`, which writes whole arrays to a file from a thread."""
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(str(folder))  # type: ignore[no-untyped-call]
    stack.callback(writer.close)

    def log(ids: torch.Tensor, logits: torch.Tensor, embeddings: torch.Tensor, step: int) -> None:
        writer.add_tensor("ids", ids, step)
        writer.add_tensor("logits", logits.detach(), step)
        writer.add_tensor("embeddings", embeddings.detach().half(), step)

    return Loop(log=log)


def wandb_loop(folder: Path, stack: contextlib.ExitStack) -> Loop:
    """Offline, a `Table` for each batch: how it takes a row for each sample."""
    import wandb

    run = wandb.init(mode="offline", dir=str(folder), settings=wandb.Settings(console="off", silent=True))
    stack.callback(run.finish)

    def log(ids: torch.Tensor, logits: torch.Tensor, embeddings: torch.Tensor, step: int) -> None:
        rows = zip(ids.tolist(), logits.detach().tolist(), embeddings.detach().half().tolist(), strict=True)
        run.log({"outputs": wandb.Table(columns=["id", "logits", "embedding"], data=[list(row) for row in rows])}, step=step)

    return Loop(log=log, turn=TURN // 10)


def measure(turns: int) -> dict[str, list[float]]:
    """Milliseconds of every step, by system."""
    torch.set_num_threads(1)
    logging.getLogger("assay").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        os.environ["ASSAY_SPOOL"] = str(folder / "spool")
        loops = {"none": Loop(), "assay (to disk)": assay_loop("offline", stack)}
        if os.environ.get("ASSAY_URL"):
            loops["assay (to a server here)"] = assay_loop("online", stack)
        loops[f"tensorboard {version('tensorboard')}"] = tensorboard_loop(folder / "tensorboard", stack)
        loops[f"wandb {version('wandb')}"] = wandb_loop(folder / "wandb", stack)
        ballast = calibrate(loops["none"])
        names = list(loops)
        for turn in range(turns):
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                loop = loops[name]
                loop.step(ballast)  # wakes its caches
                loop.times_ms += [loop.step(ballast) for _ in range(loop.turn)]
            print(f"turn {turn + 1} of {turns}", end="\r", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        return {name: loop.times_ms for name, loop in loops.items()}


def summary(times: dict[str, list[float]]) -> list[dict[str, Any]]:
    """Milliseconds at the median and the 99th percentile, and what is added to those of the bare loop."""
    bare = np.percentile(times["none"], [50, 99])
    rows = []
    for name, taken in times.items():
        at = np.percentile(taken, [50, 99])
        added = at - bare
        rows.append(
            {
                "system": name,
                "steps": len(taken),
                "median_ms": at[0],
                "p99_ms": at[1],
                "added_median_ms": added[0],
                "added_median_percent": 100 * added[0] / bare[0],
                "added_p99_ms": added[1],
                "added_p99_percent": 100 * added[1] / bare[1],
            }
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=40, help=f"turns of {TURN} steps for each system")
    parser.add_argument("--json", type=Path, help="file for the numbers")
    asked = parser.parse_args()
    rows = summary(measure(asked.turns))
    print(f"| beside a step of {STEP_MS:.0f} ms | median | added | | p99 | added | |\n|---|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row['system']} | {row['median_ms']:.3f} ms | {row['added_median_ms']:+.3f} ms | {row['added_median_percent']:+.1f} % "
            f"| {row['p99_ms']:.3f} ms | {row['added_p99_ms']:+.3f} ms | {row['added_p99_percent']:+.1f} % |"
        )
    steps = ", ".join(f"{row['steps']} of {row['system']}" for row in rows)
    print(f"\nSteps: {steps}; torch {torch.__version__}, Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
