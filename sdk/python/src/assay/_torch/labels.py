"""Given labels, out of a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

NAMES = ("label", "labels", "target", "targets", "y")


class LabelsRefused(ValueError):
    """Labels that cannot be read; the message says why."""


def labels_of(batch: Any, label: str | int | Callable[[Any], Any] | None, n_rows: int) -> list[Any] | None:
    """Label of each row.

    Parameters
    ----------
    batch : object
        As the loop sees it.
    label : str, int or callable, optional
        Where they are: a key, a position, or a function of the batch. None: the second of a tuple or list, or the first of `NAMES` that a
        mapping has.
    n_rows : int
        Rows of the batch.

    Returns
    -------
    labels : list of int, str or None, optional
        (n_rows,). None where the batch has none.

    Raises
    ------
    LabelsRefused
        If what is found there is no label a row.
    """
    found = _found(batch, label)
    if found is None:
        return None
    if isinstance(found, (torch.Tensor, np.ndarray)):
        return _from_array(found.detach().cpu().numpy() if isinstance(found, torch.Tensor) else found, n_rows)
    if isinstance(found, (str, int, float)):
        found = [found]
    try:
        values = list(found)
    except TypeError:
        raise LabelsRefused(f"labels must be a tensor, an array or a list: current type is {type(found).__name__}") from None
    if all(isinstance(value, str) or value is None for value in values) and len(values) == n_rows:
        return values
    return _from_array(np.asarray([np.nan if value is None else value for value in values]), n_rows)


def _found(batch: Any, label: str | int | Callable[[Any], Any] | None) -> Any:
    if callable(label):
        return label(batch)
    if label is not None:
        try:
            return batch[label]
        except (KeyError, IndexError, TypeError):
            if isinstance(label, str) and hasattr(batch, label):
                return getattr(batch, label)
            raise LabelsRefused(f"a batch of type {type(batch).__name__} has no {label!r}: give label= another place") from None
    if isinstance(batch, Mapping):
        return next((batch[name] for name in NAMES if name in batch), None)
    if isinstance(batch, (list, tuple)):
        if hasattr(batch, "_fields"):
            named = next((name for name in NAMES if name in batch._fields), None)
            if named is not None:
                return getattr(batch, named)
        return batch[1] if len(batch) > 1 else None
    return next((getattr(batch, name) for name in NAMES if hasattr(batch, name)), None)


def _from_array(values: np.ndarray, n_rows: int) -> list[Any]:
    if values.dtype.kind in "US" or (values.dtype.kind == "O" and all(isinstance(value, str) for value in values.flat)):
        labels: list[Any] = [str(value) for value in values.reshape(-1)]
    elif values.dtype.kind not in "biuf":
        raise LabelsRefused(f"labels must be numbers or names: current type is {values.dtype}")
    elif values.size == n_rows:
        labels = _from_numbers(values.reshape(-1))
    elif values.ndim == 2 and len(values) == n_rows:
        labels = _from_one_hot(values)
    else:
        raise LabelsRefused(f"labels must be one a row, of {n_rows} rows: current shape is {values.shape}; give label= where they are")
    if len(labels) != n_rows:
        raise LabelsRefused(f"labels must be one a row, of {n_rows} rows: there are {len(labels)}")
    return labels


def _from_numbers(values: np.ndarray) -> list[int | None]:
    """Negative (such as -100, which losses ignore) and NaN: unlabelled."""
    if values.dtype.kind == "f":
        is_class = np.isfinite(values)
        if not np.all(values[is_class] == np.floor(values[is_class])):
            raise LabelsRefused("labels must be whole numbers: some have a fraction; give label= where the classes are")
        values = np.where(is_class, values, -1)
    return [int(value) if value >= 0 else None for value in values.astype(np.int64).tolist()]


def _from_one_hot(values: np.ndarray) -> list[int | None]:
    if not np.all((values == 0) | (values == 1)) or not np.all(values.sum(axis=1) == 1):
        raise LabelsRefused(
            f"labels of shape {values.shape} must be one-hot: rows have other values than one 1 (several labels a sample, or mixed ones); "
            "give label= where the classes are"
        )
    return [int(value) for value in values.argmax(axis=1)]
