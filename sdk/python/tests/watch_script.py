"""A training as a script of its own: several processes, checkpoints, and ways to die. Notes what it saw in a file."""

from __future__ import annotations

import argparse
import os
import pickle
import signal
import sys
import time
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler, WeightedRandomSampler
from watch_loops import Digits, Net, Notes

import assay


def main() -> None:
    """Train."""
    asked = parse_arguments()
    rank = int(os.environ.get("RANK", "0"))
    if "RANK" in os.environ and not asked.late_group:
        dist.init_process_group("gloo")
    torch.manual_seed(7)
    torch.set_num_threads(1)
    data, model = Digits(240), Net()
    first_epoch = load(asked.checkpoint, model)
    torch.manual_seed(100 * first_epoch + rank)
    sampler: Any = None
    if "RANK" in os.environ:
        sampler = DistributedSampler(data, num_replicas=int(os.environ["WORLD_SIZE"]), rank=rank)
    elif asked.is_weighted:
        sampler = WeightedRandomSampler(torch.arange(240) % 10 + 0.1, 240, replacement=True)
    loader = DataLoader(data, batch_size=32, shuffle=sampler is None, sampler=sampler, num_workers=asked.workers, drop_last=asked.drop_last)

    run = assay.watch(model, training=loader, name=asked.name, first_epoch=first_epoch)

    if asked.late_group:
        dist.init_process_group("gloo")
    called: Any = DistributedDataParallel(model) if dist.is_initialized() else model
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    print(f"run {run.id} writer {run.writer} generation {run.generation}", flush=True)
    for epoch in range(first_epoch, asked.epochs):
        notes = Notes()
        if isinstance(sampler, DistributedSampler):
            sampler.set_epoch(epoch)
        for step, (x, y) in enumerate(loader):
            logits = called(x)
            assert model.embedding is not None
            notes.take("training", epoch, x[:, -1], logits, model.embedding, y)
            (torch.nn.functional.cross_entropy(logits, y) / 2).backward()
            if step % 2:
                optimizer.step()
                optimizer.zero_grad()
            if asked.die_at == f"{epoch}:{step}" and not int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")):
                die(asked.how, rank, run, epoch)
        settle(run)
        (asked.folder / f"notes-{epoch}-{rank}.pickle").write_bytes(pickle.dumps((dict(notes.rows), notes.labels)))
        if rank == 0:
            torch.save({"model": model.state_dict(), "epoch": epoch + 1}, asked.checkpoint)
        if dist.is_initialized():
            dist.barrier()


def parse_arguments() -> argparse.Namespace:
    """What the test wants."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--name")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--drop-last", action="store_true")
    parser.add_argument("--is-weighted", action="store_true")
    parser.add_argument("--late-group", action="store_true")
    parser.add_argument("--die-at", default="")
    parser.add_argument("--how", default="kill")
    asked = parser.parse_args()
    asked.checkpoint = asked.folder / "checkpoint.pt"
    return asked


def load(checkpoint: Path, model: torch.nn.Module) -> int:
    """Epoch to go on with."""
    if not checkpoint.exists():
        return 0
    state = torch.load(checkpoint, weights_only=True)
    model.load_state_dict(state["model"])
    return int(state["epoch"])


def settle(run: Any) -> None:
    """Wait until the server has all rows so far."""
    run.close_epoch("training", 0)  # samples that were met only now have this epoch
    deadline = time.monotonic() + 60
    while run._tally.sent < run._tally.logged and time.monotonic() < deadline:
        time.sleep(0.02)


def die(how: str, rank: int, run: Any, epoch: int) -> None:
    """End in the middle of an epoch, a part of which is with the server already."""
    if how == "kill":
        run.close_epoch("training", epoch)
        settle(run)
        os.kill(os.getpid(), signal.SIGKILL)
    if rank == 1:
        raise RuntimeError("the training fails")


if __name__ == "__main__":
    main()
    sys.stdout.flush()
