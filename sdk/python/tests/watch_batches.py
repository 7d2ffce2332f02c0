"""Datasets and collate functions of all kinds; here, so that workers can unpickle them."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch.utils.data import Dataset, IterableDataset, default_collate, get_worker_info
from watch_loops import Digits


class Pair(NamedTuple):
    """A batch as a named tuple, its label first."""

    target: torch.Tensor
    pixels: torch.Tensor


@dataclass
class Custom:
    """A batch of a class of the user's."""

    inputs: torch.Tensor
    labels: torch.Tensor


class Graph:
    """A batch whose tensors lie deeper, and which the model takes whole."""

    def __init__(self, x: torch.Tensor, y: torch.Tensor) -> None:
        self.store = UserDict({"x": x, "y": y})


class Mapped(Dataset[Any]):
    """Digits, each as something else."""

    def __init__(self, kind: str, n: int = 60) -> None:
        self.digits, self.kind = Digits(n), kind

    def __len__(self) -> int:
        return len(self.digits)

    def __getitem__(self, index: int) -> Any:
        x, y = self.digits[index]
        if self.kind == "dict":
            return {"pixels": x, "labels": y}
        if self.kind == "named tuple":
            return Pair(torch.tensor(y), x)
        if self.kind == "unlabelled":
            return x
        if self.kind == "some missing":
            return None if index % 5 == 0 else (x, y)
        return x, y


class ManyAtOnce(Digits):
    """Digits that come as a whole batch, already collated."""

    def __getitems__(self, indices: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.from_numpy(self.x[indices]), torch.from_numpy(self.labels[indices])


class Stream(IterableDataset[Any]):
    """Digits without an index, shared between workers by what `get_worker_info` says."""

    def __init__(self, n: int = 60) -> None:
        self.digits, self.first, self.step = Digits(n), 0, 1

    def __iter__(self) -> Iterator[Any]:
        for index in range(self.first, len(self.digits), self.step):
            yield self.digits[index]


def share_stream(worker_id: int) -> None:
    """Tell the worker's copy which digits are its own."""
    seen: Any = get_worker_info()
    seen.dataset.first, seen.dataset.step = worker_id, seen.num_workers


def id_in_item(item: Any) -> str:
    """Id of a digit, by its last column."""
    return f"digit {int(item[0][-1])}"


def as_custom(items: list[Any]) -> Custom:
    return Custom(*default_collate(items))


def as_graph(items: list[Any]) -> Graph:
    return Graph(*default_collate(items))


def identity(batch: Any) -> Any:
    return batch


def brightest_first(items: list[Any]) -> Any:
    """Sorted, as for sequences by length."""
    return default_collate(sorted(items, key=lambda item: -float(item[0][:64].sum())))


def brightest_first_in_place(items: list[Any]) -> Any:
    items.sort(key=lambda item: -float(item[0][:64].sum()))
    x, y = default_collate(items)
    return x, y.clone()


def scaled_and_sorted(items: list[Any]) -> Any:
    """Sorted, and scaled so that only the labels can be told again."""
    x, y = brightest_first(items)
    return torch.cat([x[:, :64] / 16, x[:, 64:]], dim=1) * 3, y


def without_missing(items: list[Any]) -> Any:
    return default_collate([item for item in items if item is not None])


def scaled(items: list[Any]) -> Any:
    x, y = default_collate(items)
    return torch.cat([x[:, :64] / 2, x[:, 64:]], dim=1), y
