"""What `assay.watch` does not take, and says so at once."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import watch_batches as kinds
from torch import nn
from torch.utils.data import DataLoader
from watch_loops import Digits, Net, in_memory

import assay

__all__ = ["in_memory"]
pytestmark = pytest.mark.usefixtures("in_memory")


def loader(**options: Any) -> Any:
    return DataLoader(Digits(40), batch_size=20, **options)


def test_watch_refuses_workers_that_run_already() -> None:
    running = loader(num_workers=1, persistent_workers=True)
    iterator = iter(running)
    with pytest.raises(ValueError, match="Cannot watch training as its persistent workers run already"):
        assay.watch(Net(), training=running)
    del iterator


def test_watch_refuses_a_stream_without_ids() -> None:
    with pytest.raises(TypeError, match="dataset Stream has no index: give ids= a function of an item"):
        assay.watch(Net(), training=DataLoader(kinds.Stream(), batch_size=10))


def test_watch_refuses_what_is_no_loader() -> None:
    with pytest.raises(TypeError, match="Cannot watch validation as it must be a torch.utils.data.DataLoader: current value is of type list"):
        assay.watch(Net(), validation=[(torch.rand(2, 65), torch.zeros(2))])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="there is no loader"):
        assay.watch(Net())
    same = loader()
    with pytest.raises(ValueError, match="training and test must be different loaders"):
        assay.watch(Net(), training=same, test=same)


def test_watch_refuses_what_is_no_model() -> None:
    with pytest.raises(TypeError, match="must be a torch.nn.Module: current type is function"):
        assay.watch(lambda x: x, training=loader())  # type: ignore[arg-type]
    parallel = nn.DataParallel(Net())
    parallel.device_ids = [0, 1]
    with pytest.raises(ValueError, match="DataParallel cuts batches between 2 devices"):
        assay.watch(parallel, training=loader())


@pytest.mark.parametrize("first_epoch", [-1, 1.5, True, "3"])
def test_watch_refuses_a_first_epoch_that_is_no_number_of_one(first_epoch: Any) -> None:
    with pytest.raises(ValueError, match="first_epoch must be a whole number of at least 0"):
        assay.watch(Net(), training=loader(), first_epoch=first_epoch)


def test_watch_refuses_columns_of_another_length() -> None:
    with pytest.raises(ValueError, match='"ids" must have an entry for each of the 40 items of its dataset: current length is 39'):
        assay.watch(Net(), training=loader(), ids=list(range(39)))
    with pytest.raises(ValueError, match='"folder" must have an entry'):
        assay.watch(Net(), training=loader(), metadata={"folder": ["a"]})
    with pytest.raises(TypeError, match='ids must be a sequence or a function: current value is "path"'):
        assay.watch(Net(), training=loader(), ids="path")
    with pytest.raises(TypeError, match="there is no argument epochs"):
        assay.watch(Net(), training=loader(), epochs=3)


def test_a_refused_watch_changes_nothing() -> None:
    model, data = Net(), loader()
    with pytest.raises(ValueError, match="none of its modules"):
        assay.watch(model, training=data, embedding_layer="neck")
    assert type(data) is DataLoader and not model._forward_pre_hooks


def test_mode_off_watches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_MODE", "off")
    model, data = Net(), loader()
    assay.watch(model, training=data)
    assert type(data) is DataLoader and not model._forward_pre_hooks
