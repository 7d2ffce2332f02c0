"""`assay.watch` against what loops note themselves, with a run in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import BatchSampler, ConcatDataset, DataLoader, RandomSampler, Subset, WeightedRandomSampler
from watch_loops import Digits, Net, Notes, in_memory, train

import assay

__all__ = ["in_memory"]


pytestmark = pytest.mark.usefixtures("in_memory")

LOADERS = {
    "plain": {"batch_size": 32},
    "shuffled": {"batch_size": 32, "shuffle": True},
    "drop_last": {"batch_size": 32, "shuffle": True, "drop_last": True},
    "weighted": {"batch_size": 32, "sampler": WeightedRandomSampler(np.arange(200) % 10 + 0.1, 200, replacement=True)},
    "batch_sampler": {"batch_sampler": BatchSampler(RandomSampler(range(200)), 48, drop_last=False)},
    "4 workers": {"batch_size": 32, "shuffle": True, "num_workers": 4},
    "4 workers, out of order": {"batch_size": 16, "shuffle": True, "num_workers": 4, "in_order": False},
    "spawned": {"batch_size": 32, "shuffle": True, "num_workers": 1, "multiprocessing_context": "spawn", "persistent_workers": True},
    "persistent": {"batch_size": 32, "shuffle": True, "num_workers": 2, "persistent_workers": True},
}


@pytest.mark.parametrize("options", LOADERS.values(), ids=LOADERS.keys())
def test_watch_gives_every_row_its_id(options: dict[str, Any]) -> None:
    loader = DataLoader(Digits(), **options)
    model, notes = Net(), Notes()
    run = assay.watch(model, training=loader)
    train(model, loader, notes)
    run.finish()
    run.assert_is(notes)
    assert run.closed == [("training", 0), ("training", 1)]


def test_watch_leaves_the_loop_as_it_was() -> None:
    """Same batches, same random numbers, same weights in the end; the loader's own attributes too."""

    def result(is_watched: bool) -> tuple[list[Any], Any]:
        torch.manual_seed(3)
        dataset = Digits()
        loader = DataLoader(dataset, batch_size=32, shuffle=True, num_workers=2)
        model = Net()
        if is_watched:
            assay.watch(model, training=loader)
        assert loader.dataset is dataset
        train(model, loader, Notes())
        assert loader.dataset is dataset and isinstance(loader, DataLoader)
        return [*model.state_dict().values(), torch.rand(1)], type(next(iter(loader)))

    (bare, bare_type), (watched, watched_type) = result(False), result(True)
    assert all(torch.equal(a, b) for a, b in zip(bare, watched, strict=True))
    assert bare_type is watched_type


def test_watch_with_accumulated_gradients_and_validation() -> None:
    training = DataLoader(Digits(), batch_size=32, shuffle=True)
    validation = DataLoader(Digits(50), batch_size=20)
    model, notes = Net(), Notes()
    run = assay.watch(model, training=training, validation=validation)
    train(model, training, notes, accumulate=4, validation=validation)
    run.assert_is(notes)


PREPARED = {
    "moved": lambda x: x.clone(),
    "changed": lambda x: x * 2 + 1,
    "view": lambda x: x.reshape(len(x), 5, 13),
    "cast": lambda x: x.double().float(),
    "in place": lambda x: x.mul_(1),
}


@pytest.mark.parametrize("prepare", PREPARED.values(), ids=PREPARED.keys())
def test_watch_follows_an_input_that_is(prepare: Any) -> None:
    loader = DataLoader(Digits(), batch_size=32, shuffle=True)
    model, notes = Net(), Notes()
    run = assay.watch(model, training=loader)
    train(model, loader, notes, prepare=prepare)
    run.assert_is(notes)


def ahead(loader: Any, n_ahead: int) -> Any:
    """A prefetcher."""
    waiting: list[Any] = []
    for batch in loader:
        waiting.append([part.clone() for part in batch])
        if len(waiting) > n_ahead:
            yield waiting.pop(0)
    yield from waiting


@pytest.mark.parametrize("n_ahead", [1, 3])
def test_watch_tells_batches_apart_that_are_prefetched(n_ahead: int) -> None:
    loader = DataLoader(Digits(), batch_size=32, shuffle=True)
    model, notes = Net(), Notes()
    run = assay.watch(model, training=loader)
    for epoch in range(2):
        train(model, ahead(loader, n_ahead), notes, epochs=[epoch])
    run.assert_is(notes)


def test_watch_refuses_what_is_prefetched_and_changed() -> None:
    loader = DataLoader(Digits(), batch_size=25)
    model = Net()
    run = assay.watch(model, training=loader)
    train(model, ahead(loader, 1), Notes(), epochs=[0], prepare=lambda x: x + 1)
    run.finish()
    assert run.outputs() == {}
    assert sum(n for n, _ in run.refused) == 200
    assert all("no forward could be matched to batches of training" in sentence for _, sentence in run.refused)


def test_watch_follows_rows_that_the_loop_shuffles_or_cuts() -> None:
    loader = DataLoader(Digits(), batch_size=40, shuffle=True)
    model, notes = Net(), Notes()
    run = assay.watch(model, training=loader)
    for x, y in loader:
        order = torch.randperm(len(x))
        logits = model(x[order])
        notes.take("training", 0, x[order, -1], logits, model.embedding, y[order])
    for x, y in loader:
        for part, labels in zip(x.chunk(3), y.chunk(3), strict=True):
            logits = model(part)
            notes.take("training", 1, part[:, -1], logits, model.embedding, labels)
    for x, y in loader:
        for part, labels in zip(x.clone().chunk(3), y.chunk(3), strict=True):
            logits = model(part)
            notes.take("training", 2, part[:, -1], logits, model.embedding, labels)
    run.assert_is(notes)


def test_watch_counts_the_first_forward_of_a_batch() -> None:
    loader = DataLoader(Digits(), batch_size=32)
    model, notes = Net(), Notes()
    run = assay.watch(model, training=loader)
    for x, y in loader:
        logits = model(x)
        notes.take("training", 0, x[:, -1], logits, model.embedding, y)
        model(x + 0.1)
        model(x)
        model(torch.rand(7, 65))
    run.assert_is(notes)


def test_watch_gives_a_pass_an_epoch_with_its_first_forward() -> None:
    loader, validation = DataLoader(Digits(), batch_size=50), DataLoader(Digits(50), batch_size=50)
    model, notes = Net(), Notes()
    run = assay.watch(model, training=loader, validation=validation, first_epoch=3)
    next(iter(loader))
    for x, _ in validation:
        model(x)  # of a model that has not been trained: not logged
    for x, y in loader:
        notes.take("training", 3, x[:, -1], model(x), model.embedding, y)
        break
    next(iter(validation))
    train(model, loader, notes, epochs=[4], validation=validation, prepare=lambda x: x + 1)
    outputs = run.outputs()
    assert {place: len(rows) for place, rows in outputs.items()} == {("training", 3): 50, ("training", 4): 200, ("validation", 4): 50}
    assert run.refused == []


def test_watch_leaves_out_batches_that_the_loop_leaves_out() -> None:
    loader = DataLoader(Digits(), batch_size=20, shuffle=True)
    model, notes = Net(), Notes()
    run = assay.watch(model, training=loader)
    for step, (x, y) in enumerate(loader):
        if step % 3 == 1:
            continue
        notes.take("training", 0, x[:, -1], model(x), model.embedding, y)
    run.finish()
    outputs = run.outputs()["training", 0]
    assert [(id_, logits.tobytes()) for id_, logits, _ in outputs] == [row[:2] for row in notes.rows["training", 0]]
    assert run.refused == []


@pytest.mark.parametrize("dataset", [Subset(Digits(), range(100, 50, -1)), ConcatDataset([Digits(30), Digits(30)])], ids=["subset", "concatenated"])
def test_watch_takes_the_index_in_the_loaders_own_dataset(dataset: Any) -> None:
    loader = DataLoader(dataset, batch_size=16, shuffle=True)
    model = Net()
    run = assay.watch(model, training=loader)
    seen = []
    for x, _ in loader:
        model(x)
        seen += x[:, -1].int().tolist()
    logged = [id_ for id_, _, _ in run.outputs()["training", 0]]
    assert sorted(logged) == list(range(len(dataset)))
    assert [int(dataset[id_][0][-1]) for id_ in logged] == seen


def test_watch_takes_ids_and_metadata_of_the_users() -> None:
    loader = DataLoader(Digits(40), batch_size=16, shuffle=True)
    validation = DataLoader(Digits(20), batch_size=16)
    model, notes = Net(), Notes()
    run = assay.watch(
        model,
        training=loader,
        validation=validation,
        ids={"training": [f"train/{i}" for i in range(40)], "validation": lambda index: f"val/{index}"},
        metadata={"training": {"page": np.arange(40) // 10}, "validation": lambda index: {"odd": index % 2 == 1}},
    )
    train(model, loader, notes, epochs=[0], validation=validation)
    assert [id_ for id_, _, _ in run.outputs()["training", 0]] == [f"train/{row[0]}" for row in notes.rows["training", 0]]
    assert [id_ for id_, _, _ in run.outputs()["validation", 0]] == [f"val/{i}" for i in range(20)]
    assert run.metadata["training", "train/25"] == {"page": 2}
    assert run.metadata["validation", "val/3"] == {"odd": True}
    assert run.samples["training", "train/25"] == Digits().labels[25]


def test_watch_takes_sample_ids_of_the_dataset() -> None:
    dataset = Digits(20)
    dataset.sample_ids = [f"digit {i}" for i in range(20)]  # type: ignore[attr-defined]
    loader = DataLoader(dataset, batch_size=20)
    model = Net()
    run = assay.watch(model, training=loader)
    model(next(iter(loader))[0])
    assert [id_ for id_, _, _ in run.outputs()["training", 0]] == dataset.sample_ids  # type: ignore[attr-defined]


def test_watch_says_that_batches_come_from_another_loader() -> None:
    model = Net()
    run = assay.watch(model, training=DataLoader(Digits(20), batch_size=20))
    for x, _ in DataLoader(Digits(20), batch_size=10):
        model(x)
    run.finish()
    assert [sentence for _, sentence in run.refused] == [
        "the model was called 2 times, and no batch came from the loaders that assay.watch was given: iterate these"
    ]


def test_watch_of_a_finished_run_leaves_loop_and_model_alone() -> None:
    loader = DataLoader(Digits(20), batch_size=20)
    model, notes = Net(), Notes()
    first = assay.watch(model, training=loader)
    second = assay.watch(model, training=loader)
    train(model, loader, notes, epochs=[0])
    second.finish()
    train(model, loader, Notes(), epochs=[1])
    assert first.outputs() == {}
    second.assert_is(notes)
    assert not model._forward_hooks and not model.head._forward_hooks and not model._forward_pre_hooks
