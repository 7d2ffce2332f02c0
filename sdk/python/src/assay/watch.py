"""`assay.watch`: one line in a PyTorch loop."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _current, _exit
from ._settings import read_settings
from .run import Run

if TYPE_CHECKING:
    from torch import nn
    from torch.utils.data import DataLoader

    from ._torch.splits import Split
    from ._torch.watcher import Watcher

_watchers: weakref.WeakKeyDictionary[Any, Callable[[], None]] = weakref.WeakKeyDictionary()


def watch(
    model: nn.Module,
    *,
    training: DataLoader[Any] | None = None,
    validation: DataLoader[Any] | None = None,
    test: DataLoader[Any] | None = None,
    name: str | None = None,
    project: str | None = None,
    dataset: str | None = None,
    label_names: Sequence[str] | None = None,
    embedding_layer: nn.Module | str | None = None,
    metadata: Mapping[str, Any] | Callable[[Any], Mapping[str, Any]] | None = None,
    ids: Sequence[Any] | Callable[[Any], Any] | None = None,
    label: str | int | Callable[[Any], Any] | None = None,
    first_epoch: int | None = None,
    embeddings: bool = True,
    run_id: str | None = None,
    **options: Any,
) -> Run:
    """Start a run that logs by itself what a PyTorch loop does: samples, logits and embeddings of every batch.

    Each sample's id travels in its batch, through workers, shuffling and samplers; the loop sees the batches it saw before. Outputs are those
    of the first forward of each batch. A row that cannot be told for certain is refused, which is said at once and at the end. A pass over a
    loader is an epoch of its split from its first forward on, broken off or not; a pass over `validation` or `test` has the number of the
    training epoch that it follows or interrupts, and one before the first training forward is not logged.

    Parameters
    ----------
    model : Module
        As the loop calls it, before or after DistributedDataParallel and torch.compile, but before the first forward of a compiled one.
    training, validation, test : DataLoader, optional
        At least one. Not iterated yet, if their workers persist.
    name, project, dataset, run_id : str, optional
        As in `assay.init`.
    label_names : sequence of str, optional
        Class names in the order of the logits; default as in `assay.init`.
    embedding_layer : Module or str, optional
        A layer of the model, or its name. Default: the last linear layer, among those with as many outputs as `label_names` if given; its
        input is the embedding, its output the logits. A linear layer of that kind is taken in the same way. Of any other layer, the output
        is the embedding, (n, width); (n, length, width) is averaged over its length, (n, channels, ...) with two or more further dimensions
        over these. The logits are then the output of the default layer, or, in a model without a linear layer, what it returns.
    metadata : mapping or callable, optional
        Columns by name with an entry for each index of the dataset, or a function of an index that returns a row by name. Several loaders:
        ``{"training": ..., "validation": ...}``.
    ids : sequence or callable, optional
        Id of each index of the loader's dataset, or a function of an index. Default: the dataset's attribute `sample_ids`, which is either, else
        the index itself. For an IterableDataset: a function of an item. Several loaders: ``{"training": ..., "validation": ...}``.
    label : str, int or callable, optional
        Where a batch has its labels: a key, a position, or a function of the batch. Default: the second of a tuple or list; ``label``,
        ``labels``, ``target``, ``targets`` or ``y`` of a mapping.
    first_epoch : int, optional
        Number of the first training epoch, of a loop that goes on from a checkpoint. From 1 on, the unfinished run of the same `name` whose
        process was killed on this machine goes on, and its epochs from there on are replaced.
    embeddings : bool, default=True
        Whether embeddings are logged, as float16 where their size allows.
    **options
        Others of `assay.init`: `metadata_schema`, `url`, `api_key`, `mode`.

    Returns
    -------
    run : Run
        The current run from now on. It finishes at exit by itself.

    Raises
    ------
    TypeError, ValueError
        If the model or a loader cannot be watched; the message says why, and lists layers that could be meant.
    """
    given = {"training": training, "validation": validation, "test": test}
    loaders = {split: getattr(loader, "base_dataloader", loader) for split, loader in given.items() if loader is not None}  # Accelerate's
    epoch = _check(loaders, ids, first_epoch, options)
    settings = read_settings(options.get("mode"))
    if settings.mode == "off":
        return _current.init(name, project=project, dataset=dataset, label_names=label_names, run_id=run_id, **options)

    from ._torch.head import find_layers, unwrapped
    from ._torch.loaders import check_loader
    from ._torch.processes import identify

    for split, loader in loaders.items():
        check_loader(loader, split, callable(_ids_of(loader, ids, split)))
        _check_columns(loader, split, _ids_of(loader, ids, split), _of_split(metadata, split))
    _check_model(model)
    inner = unwrapped(model)
    layers = find_layers(inner, None if label_names is None else len(label_names), embedding_layer)
    identity = identify(settings.spool, run_id=run_id, name=name, project=project, dataset=dataset, continues=epoch > 0)
    run = _current.init(
        identity.name,
        project=project,
        dataset=dataset,
        label_names=label_names,
        run_id=identity.run_id,
        writer=identity.writer,
        writers=identity.writers,
        generation=identity.generation,
        **options,
    )
    start_watching(run, model, inner, layers, loaders, ids=ids, label=label, metadata=metadata, first_epoch=epoch, embeddings=embeddings)
    return run


def start_watching(
    run: Run,
    model: nn.Module,
    inner: nn.Module,
    layers: Any,
    loaders: Mapping[str, DataLoader[Any]],
    *,
    ids: Any = None,
    label: Any = None,
    metadata: Any = None,
    first_epoch: int = 0,
    embeddings: bool = True,
) -> None:
    """Put the hooks on the model and the loaders; what was watched by another run before is that one's no longer."""
    from torch.utils.data import IterableDataset

    from ._torch.batches import Ledger
    from ._torch.loaders import watch_loader
    from ._torch.splits import Split
    from ._torch.watcher import Watcher

    if inner in _watchers:
        _watchers[inner]()
    ledger = Ledger()
    watcher = Watcher(run, model, inner, layers, ledger, embeddings)
    splits: list[Split] = []
    for name, loader in loaders.items():
        is_stream = isinstance(loader.dataset, IterableDataset)
        split_ids = _ids_of(loader, ids, name)
        split = Split(
            name,
            run,
            ledger,
            watcher.give_up,
            ids=split_ids,
            label=label,
            metadata=_of_split(metadata, name),
            first_epoch=first_epoch,
            follows=splits[0] if splits and splits[0].name == "training" else None,
            n_items=None if is_stream else _length(loader.dataset),
        )
        splits.append(split)
        watch_loader(loader, split_ids if is_stream else None, split)
    _stop_at_finish(run, inner, ledger, watcher, splits)


def _stop_at_finish(run: Run, inner: nn.Module, ledger: Any, watcher: Watcher, splits: Sequence[Split]) -> None:
    finish = run.finish

    def stop() -> None:
        _watchers.pop(inner, None)
        for split in splits:
            split.is_open = False
        watcher.close()
        watcher.give_up(ledger.drop())
        if watcher.n_calls and not any(split.n_batches for split in splits):
            calls = f"the model was called {watcher.n_calls} times"
            run.note_refused(0, f"{calls}, and no batch came from the loaders that assay.watch was given: iterate these")

    def stop_and_finish(*, incomplete: bool = False, **options: Any) -> Any:
        from ._torch.processes import has_restarts_left, leave_open

        stop()
        run.__dict__.pop("finish", None)
        if incomplete and has_restarts_left() and isinstance(_exit._uncaught, Exception):
            return leave_open(run)
        return finish(incomplete=incomplete, **options)

    _watchers[inner] = stop
    run.finish = stop_and_finish  # type: ignore[method-assign]


def _check(loaders: Mapping[str, Any], ids: Any, first_epoch: int | None, options: Mapping[str, Any]) -> int:
    """Number of the first epoch, if the arguments can be what they are."""
    if not loaders:
        raise ValueError("Cannot watch as there is no loader: give training=, validation= or test= a DataLoader")
    if len({id(loader) for loader in loaders.values()}) < len(loaders):
        raise ValueError(f"Cannot watch as {' and '.join(loaders)} must be different loaders: some are the same")
    if isinstance(ids, str):
        raise TypeError(f'Cannot watch as ids must be a sequence or a function: current value is "{ids}"')
    unknown = set(options) - {"metadata_schema", "url", "api_key", "mode"}
    if unknown:
        raise TypeError(f"Cannot watch as there is no argument {', '.join(sorted(unknown))}")
    epoch = 0 if first_epoch is None else first_epoch
    if isinstance(epoch, bool) or not isinstance(epoch, (int, np.integer)) or epoch < 0:
        raise ValueError(f"Cannot watch as first_epoch must be a whole number of at least 0: current value is {first_epoch!r}")
    return int(epoch)


def _check_model(model: Any) -> None:
    from torch import nn

    if not isinstance(model, nn.Module):
        raise TypeError(f"Cannot watch the model as it must be a torch.nn.Module: current type is {type(model).__name__}")
    if isinstance(model, nn.DataParallel) and len(model.device_ids) > 1:
        raise ValueError(
            f"Cannot watch the model as DataParallel cuts batches between {len(model.device_ids)} devices: use DistributedDataParallel, "
            "or log with run.log_outputs and ids of your own"
        )


def _check_columns(loader: Any, split: str, ids: Any, metadata: Any) -> None:
    columns = dict(metadata) if isinstance(metadata, Mapping) else {}
    if ids is not None and not callable(ids):
        columns["ids"] = ids
    for name, column in columns.items():
        if len(column) != len(loader.dataset):
            raise ValueError(
                f'Cannot watch {split} as "{name}" must have an entry for each of the {len(loader.dataset)} items of its dataset: current length '
                f'is {len(column)}; for several loaders give {{"training": ..., "validation": ...}}'
            )


def _of_split(value: Any, split: str) -> Any:
    if isinstance(value, Mapping) and value and set(value) <= {"training", "validation", "test"}:
        return value.get(split)
    return value


def _length(dataset: Any) -> int:
    try:
        return len(dataset)
    except TypeError:  # one that only samplers know the end of
        return -1


def _ids_of(loader: Any, ids: Any, split: str) -> Any:
    chosen = _of_split(ids, split)
    return chosen if chosen is not None else getattr(getattr(loader, "dataset", None), "sample_ids", None)
