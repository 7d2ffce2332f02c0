"""Batches of every type go to the loop as they were, and keep their ids."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import torch
import watch_batches as kinds
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, SequentialSampler
from watch_loops import Digits, Net, Notes, in_memory, train

import assay

__all__ = ["in_memory"]
pytestmark = pytest.mark.usefixtures("in_memory")

BATCHES: dict[str, tuple[Any, Any, Any, type]] = {
    "list": (kinds.Mapped("tuple"), None, lambda batch: (batch[0], batch[1]), list),
    "dict": (kinds.Mapped("dict"), None, lambda batch: (batch["pixels"], batch["labels"]), dict),
    "named tuple": (kinds.Mapped("named tuple"), None, lambda batch: (batch.pixels, batch.target), kinds.Pair),
    "custom": (kinds.Mapped("tuple"), kinds.as_custom, lambda batch: (batch.inputs, batch.labels), kinds.Custom),
    "many at once": (kinds.ManyAtOnce(60), kinds.identity, lambda batch: batch, tuple),
    "sorted": (kinds.Mapped("tuple"), kinds.brightest_first, lambda batch: batch, list),
    "sorted in place": (kinds.Mapped("tuple"), kinds.brightest_first_in_place, lambda batch: batch, tuple),
    "some missing": (kinds.Mapped("some missing"), kinds.without_missing, lambda batch: batch, list),
    "scaled": (kinds.Mapped("tuple"), kinds.scaled, lambda batch: batch, tuple),
}


@pytest.mark.parametrize("n_workers", [0, 2])
@pytest.mark.parametrize(("dataset", "collate", "parts", "kind"), BATCHES.values(), ids=BATCHES.keys())
def test_watch_keeps_ids_of_batches_that_are(dataset: Any, collate: Any, parts: Any, kind: type, n_workers: int) -> None:
    loader = DataLoader(dataset, batch_size=16, shuffle=True, collate_fn=collate, num_workers=n_workers)
    model, notes = Net(), Notes()
    run = assay.watch(model, training=loader)
    for batch in loader:
        assert type(batch) is kind
        x, y = parts(batch)
        notes.take("training", 0, x[:, -1], model(x), model.embedding, y)
    run.assert_is(notes)


def test_watch_refuses_rows_that_a_collate_function_mixed_beyond_recognition() -> None:
    loader = DataLoader(Digits(64), batch_size=32, collate_fn=kinds.scaled_and_sorted)
    model = Net()
    run = assay.watch(model, training=loader)
    train(model, loader, Notes(), epochs=[0])
    assert run.outputs() == {} and run.samples == {}
    assert [n for n, _ in run.refused] == [32, 32]
    assert "sort in a batch_sampler" in run.refused[0][1]


def test_watch_takes_a_batch_that_the_model_takes_whole() -> None:
    class Whole(Net):
        def forward(self, batch: kinds.Graph) -> torch.Tensor:
            return super().forward(batch.store["x"])

    loader = DataLoader(Digits(60), batch_size=16, shuffle=True, collate_fn=kinds.as_graph)
    model, notes = Whole(), Notes()
    run = assay.watch(model, training=loader, label=lambda batch: batch.store["y"])
    for batch in loader:
        notes.take("training", 0, batch.store["x"][:, -1], model(batch), model.embedding, batch.store["y"])
    run.assert_is(notes)


@pytest.mark.parametrize("is_batched", [False, True])
def test_watch_of_a_loader_without_batches(is_batched: bool) -> None:
    dataset = kinds.ManyAtOnce(60)
    if is_batched:
        dataset.__class__ = type("Fancy", (Digits,), {"__getitem__": kinds.ManyAtOnce.__getitems__})
        loader = DataLoader(dataset, batch_size=None, sampler=BatchSampler(RandomSampler(dataset), 16, drop_last=False))
    else:
        loader = DataLoader(dataset, batch_size=None, sampler=SequentialSampler(dataset))
    model, notes = Net(), Notes()
    run = assay.watch(model, training=loader)
    for x, y in loader:
        logits = model(x if is_batched else x[None])
        y = y if is_batched else [y]
        notes.take("training", 0, x[..., -1].reshape(-1), logits, model.embedding, y)
    run.assert_is(notes)


@pytest.mark.parametrize("n_workers", [0, 2])
def test_watch_of_a_stream_takes_ids_of_its_items(n_workers: int) -> None:
    loader = DataLoader(kinds.Stream(), batch_size=16, num_workers=n_workers, worker_init_fn=kinds.share_stream if n_workers else None)
    model = Net()
    run = assay.watch(model, training=loader, ids=kinds.id_in_item)
    seen = []
    for x, _ in loader:
        model(x)
        seen += [f"digit {int(index)}" for index in x[:, -1]]
    assert [id_ for id_, _, _ in run.outputs()["training", 0]] == seen
    assert sorted(seen) == sorted(f"digit {index}" for index in range(60))
    assert {id_: label for (_, id_), label in run.samples.items()} == {f"digit {i}": int(y) for i, y in enumerate(Digits(60).labels)}


def test_watch_logs_samples_without_labels() -> None:
    loader = DataLoader(kinds.Mapped("unlabelled"), batch_size=60)
    model = Net()
    run = assay.watch(model, training=loader)
    model(next(iter(loader)))
    assert run.samples == {("training", index): None for index in range(60)}
    assert len(run.outputs()["training", 0]) == 60


def test_watched_loaders_can_be_copied_and_pickled_as_what_they_were() -> None:
    loader = DataLoader(Digits(20), batch_size=10)
    run = assay.watch(Net(), training=loader)
    for other in (copy.copy(loader), pickle.loads(pickle.dumps(loader))):
        assert type(other) is DataLoader
        x, y = next(iter(other))
        assert x.shape == (10, 65) and y.tolist() == Digits().labels[:10].tolist()
    assert run.samples == {}
