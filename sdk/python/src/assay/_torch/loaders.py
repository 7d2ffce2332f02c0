"""DataLoaders that hand each batch to us on its way to the loop, and give the loop what they gave before."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

from torch.utils.data import DataLoader, IterableDataset, IterDataPipe, MapDataPipe

from .tagging import KeyedCollate, KeyedDataset, KeyedStream, Tagged, WorkerInit

_FEED = "_assay_feed"


class Receiver(Protocol):
    """Who is told of batches. Must not raise."""

    def begin(self, iterator: Any) -> object:
        """Take note of a new pass over the loader; the answer stands for it."""

    def hand_out(self, tagged: Tagged, pass_: object) -> None:
        """Take note of a batch on its way to the loop."""

    def end(self, pass_: object) -> None:
        """Take note that a pass has no more batches."""


class Feed:
    """What a watched loader and its iterators share.

    Parameters
    ----------
    id_of : callable, optional
        Id of an item; only for datasets that are iterated.
    receiver : Receiver, optional
        None: batches go to the loop, and nobody is told.
    """

    def __init__(self, id_of: Callable[[Any], Any] | None, receiver: Receiver | None) -> None:
        self.id_of = id_of
        self.receiver = receiver

    def keyed(self, loader: DataLoader[Any]) -> dict[str, Any]:
        """What the loader's attributes are while it makes an iterator."""
        dataset = loader.dataset
        return {
            "dataset": KeyedDataset(dataset) if self.id_of is None else KeyedStream(dataset, self.id_of),
            "collate_fn": KeyedCollate(loader.collate_fn),
            "worker_init_fn": WorkerInit(loader.worker_init_fn) if loader.num_workers else loader.worker_init_fn,
        }


def check_loader(loader: Any, split: str, has_id_of: bool) -> None:
    """Refuse what cannot be watched.

    Raises
    ------
    TypeError
        If it is no DataLoader, or its dataset gives no way to tell samples apart.
    ValueError
        If its workers run already.
    """
    if not isinstance(loader, DataLoader) or not hasattr(loader, "_get_iterator"):
        raise TypeError(
            f"Cannot watch {split} as it must be a torch.utils.data.DataLoader: current value is of type {type(loader).__name__}; "
            "for any other source of batches call run.log_dataset and run.log_outputs with ids of your own"
        )
    if isinstance(loader.dataset, (IterDataPipe, MapDataPipe)):
        raise TypeError(f"Cannot watch {split} as data pipes are not supported: call run.log_outputs with ids of your own")
    if isinstance(loader.dataset, IterableDataset) and not has_id_of:
        raise TypeError(
            f"Cannot watch {split} as its dataset {type(loader.dataset).__name__} has no index: give ids= a function of an item that "
            "returns its id, or call run.log_outputs with ids of your own"
        )
    if loader._iterator is not None and _FEED not in loader.__dict__:
        raise ValueError(
            f"Cannot watch {split} as its persistent workers run already: call assay.watch before the loader is first iterated"
        )


def watch_loader(loader: DataLoader[Any], id_of: Callable[[Any], Any] | None, receiver: Receiver) -> None:
    """Tell `receiver` of every batch from now on. Watching again only changes who is told."""
    feed = loader.__dict__.get(_FEED)
    if feed is not None:
        feed.id_of, feed.receiver = id_of, receiver
        return
    loader.__dict__[_FEED] = Feed(id_of, receiver)
    loader.__class__ = _watched_loader_class(type(loader))  # type: ignore[arg-type]


# One base only: an instance can become one of a class with several bases only where their layouts agree.


@cache
def _watched_loader_class(cls: Any) -> type:
    """A kind of loader as one that makes watched iterators. To everybody else its dataset and its collate function are the user's own."""

    class Watched(cls):  # type: ignore[misc]
        def _get_iterator(self) -> Any:
            feed = self.__dict__.get(_FEED)
            if feed is None:  # a copy that somebody made by calling the class
                return super()._get_iterator()
            keyed = feed.keyed(self)
            own = {name: self.__dict__[name] for name in keyed}
            self.__dict__.update(keyed)
            try:
                iterator = super()._get_iterator()
            finally:
                self.__dict__.update(own)
            iterator.__class__ = _watched_iterator_class(type(iterator))  # type: ignore[arg-type]
            iterator._assay_feed = feed
            iterator._assay_pass = feed.receiver.begin(iterator) if feed.receiver else None
            return iterator

        def __reduce_ex__(self, protocol: Any) -> Any:
            """Pickle and copy as the loader it was."""
            return _blank, (cls,), {name: value for name, value in self.__dict__.items() if name != _FEED}

    return _named_as(Watched, cls)


@cache
def _watched_iterator_class(cls: Any) -> type:
    """A kind of iterator as one that strips the keys from what the loop gets."""

    class Watched(cls):  # type: ignore[misc]
        def __next__(self) -> Any:
            receiver = self._assay_feed.receiver
            try:
                data = super().__next__()
            except StopIteration:
                if receiver is not None:
                    receiver.end(self._assay_pass)
                raise
            if type(data) is not Tagged:
                return data
            if receiver is not None:
                receiver.hand_out(data, self._assay_pass)
            return data.batch

        def _reset(self, *args: Any, **kwargs: Any) -> None:
            super()._reset(*args, **kwargs)
            receiver = self._assay_feed.receiver
            self._assay_pass = receiver.begin(self) if receiver else None

    return _named_as(Watched, cls)


def _blank(cls: Any) -> Any:
    return cls.__new__(cls)


def _named_as(made: type, cls: type) -> type:
    made.__name__, made.__qualname__, made.__module__, made.__doc__ = cls.__name__, cls.__qualname__, cls.__module__, cls.__doc__
    return made
