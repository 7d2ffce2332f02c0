"""Datasets and collate functions that carry keys beside what they give. All of it goes to DataLoader workers, so all of it pickles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch.utils.data import IterableDataset, default_collate, default_convert, get_worker_info
from torch.utils.data._utils.pin_memory import pin_memory

from .row_order import RowOrder


class Keyed:
    """What a dataset gave, and the key or keys that it was asked for.

    Parameters
    ----------
    keys : object
        One key, or a list of them beside a list of items.
    items : object
        One item, or what the dataset's `__getitems__` gave.
    """

    __slots__ = ("items", "keys")

    def __init__(self, keys: Any, items: Any) -> None:
        self.keys = keys
        self.items = items


class Tagged:
    """A batch as the loop will see it, and the keys of its rows.

    Parameters
    ----------
    keys : list or object
        (n,); or the one key of a loader without batches.
    batch : object
        What the user's collate function gave.
    doubt : str, optional
        Why no row of it can be told from another.
    """

    __slots__ = ("batch", "doubt", "keys")

    def __init__(self, keys: Any, batch: Any, doubt: str | None = None) -> None:
        self.keys = keys
        self.batch = batch
        self.doubt = doubt

    def pin_memory(self) -> Tagged:
        """Pin the batch as the loader would have done without us."""
        return Tagged(self.keys, pin_memory(self.batch), self.doubt)  # type: ignore[no-untyped-call]


class KeyedDataset:
    """A dataset by index whose items come with their keys."""

    def __init__(self, dataset: Any) -> None:
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, key: Any) -> Keyed:
        return Keyed(key, self.dataset[key])

    def __getitems__(self, keys: Any) -> Keyed:
        get_many = getattr(self.dataset, "__getitems__", None)
        items = get_many(keys) if get_many else [self.dataset[key] for key in keys]
        return Keyed(list(keys), items)


class KeyedStream(IterableDataset[Keyed]):
    """A dataset that is only iterated, whose items come with the id that a function of the item gives."""

    def __init__(self, dataset: Any, id_of: Callable[[Any], Any]) -> None:
        self.dataset = dataset
        self.id_of = id_of

    def __iter__(self) -> Any:
        for item in self.dataset:
            yield Keyed(self.id_of(item), item)


class KeyedCollate:
    """The user's collate function, beside which the keys go on."""

    def __init__(self, collate: Callable[[Any], Any]) -> None:
        self.collate = collate
        keeps_order = collate is default_collate or collate is default_convert
        self.order = None if keeps_order else RowOrder()

    def __call__(self, data: Any) -> Tagged:
        if isinstance(data, Keyed):
            keys, items = data.keys, data.items
        else:
            keys, items = [keyed.keys for keyed in data], [keyed.items for keyed in data]
        if self.order is None or not isinstance(keys, list) or not isinstance(items, list):
            return Tagged(keys, self.collate(items))
        before = list(items)  # some sort the list that they are given
        batch = self.collate(items)
        keys, doubt = self.order.keys(keys, before, batch)
        return Tagged(keys, batch, doubt)


class WorkerInit:
    """Shows a worker the user's dataset, as `get_worker_info().dataset`, then does what the user wanted done there."""

    def __init__(self, init: Callable[[int], None] | None) -> None:
        self.init = init

    def __call__(self, worker_id: int) -> None:
        seen = get_worker_info()
        if seen is not None and isinstance(seen.dataset, (KeyedDataset, KeyedStream)):
            object.__setattr__(seen, "dataset", seen.dataset.dataset)  # it is frozen
        if self.init is not None:
            self.init(worker_id)
