"""Which item each row of a batch came from: some collate functions sort by length, some leave items out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch

_HEAD = 8  # so many numbers of a value are compared
_THOROUGH = 20  # so many batches are compared in all values, later ones in single numbers: a function that sorts shows it at once

DOUBT = (
    "collate_fn changes the order of its items and some of a batch look alike, so no row can be told from another: sort in a batch_sampler instead"
)


class RowOrder:
    """Follows items through a collate function by the values that it leaves as they are.

    Where it leaves none (all are scaled, or packed into objects), the order is taken as kept.
    """

    def __init__(self) -> None:
        self._thorough_left = _THOROUGH

    def keys(self, keys: list[Any], items: list[Any], batch: Any) -> tuple[list[Any], str | None]:
        """Key of each row.

        Parameters
        ----------
        keys, items : list
            (n_items,). As they went into the function; an item that is None is taken as left out.
        batch : object
            What came out.

        Returns
        -------
        keys : list
            (n_rows,).
        doubt : str, optional
            Why they cannot be told.
        """
        present = [i for i, item in enumerate(items) if item is not None]
        if len(present) < len(items):
            keys, items = [keys[i] for i in present], [items[i] for i in present]
        is_thorough = self._thorough_left > 0
        self._thorough_left -= 1
        kept, moved = _witnesses(items, batch, is_thorough)
        if moved and not is_thorough:
            kept, moved = _witnesses(items, batch, True)
        if not moved:
            return keys, None
        self._thorough_left = _THOROUGH
        return _follow(keys, kept, moved)


class _Witness(NamedTuple):
    """A value of all items that is seen again in the rows."""

    of_items: list[Any]
    of_rows: list[Any]


def _witnesses(items: list[Any], batch: Any, is_thorough: bool) -> tuple[list[_Witness], list[_Witness]]:
    """Values found in the same order, and values found in another one."""
    kept: list[_Witness] = []
    moved: list[_Witness] = []
    columns = [column for column in _leaves(batch) if _is_column(column, len(items))]
    for values in _values(items):
        found: _Witness | None = None
        for column in columns:
            witness = _compared(values, column, is_thorough)
            if witness is None:
                continue
            if witness.of_items == witness.of_rows:
                kept.append(witness)
                break
            if found is None and not Counter(witness.of_rows) - Counter(witness.of_items):
                found = witness
        else:
            if found is not None:
                moved.append(found)
    return kept, moved


def _follow(keys: list[Any], kept: list[_Witness], moved: list[_Witness]) -> tuple[list[Any], str | None]:
    witnesses = kept + moved
    key_of: dict[Any, Any] = {}
    ties = set()
    for key, *values in zip(keys, *(witness.of_items for witness in witnesses), strict=True):
        together = tuple(values)
        if key_of.setdefault(together, key) != key:
            ties.add(together)
    rows = list(zip(*(witness.of_rows for witness in witnesses), strict=False))
    if any(values in ties or values not in key_of for values in rows):
        return keys, DOUBT
    return [key_of[values] for values in rows], None


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, (list, tuple)):
        yield from value
    else:
        yield value


def _values(items: list[Any]) -> Iterator[list[Any]]:
    """One value of every item, for each place where all have one."""
    first = items[0] if items else None
    if isinstance(first, Mapping):
        for name in first:
            if all(isinstance(item, Mapping) and name in item for item in items):
                yield [item[name] for item in items]
    elif isinstance(first, (list, tuple)):
        for place in range(len(first)):
            if all(isinstance(item, (list, tuple)) and len(item) == len(first) for item in items):
                yield [item[place] for item in items]
    elif first is not None:
        yield items


def _is_column(leaf: Any, n_items: int) -> bool:
    if isinstance(leaf, (torch.Tensor, np.ndarray)):
        return leaf.ndim > 0 and 0 < len(leaf) <= n_items
    return isinstance(leaf, (list, tuple)) and 0 < len(leaf) <= n_items


def _compared(values: list[Any], column: Any, is_thorough: bool) -> _Witness | None:
    if isinstance(values[0], str):
        if isinstance(column, (list, tuple)) and all(isinstance(value, str) for value in column):
            return _Witness(values, list(column))
        return None
    sizes = [_size(value) for value in values]
    width = min(_HEAD, *sizes) if len(sizes) > 1 else min(_HEAD, sizes[0])
    if width < 1 or (max(sizes) > 1 and not is_thorough):
        return None
    rows = _row_heads(column, width)
    if rows is None:
        return None
    try:
        heads = np.array([_head(value, width) for value in values]).astype(rows.dtype)
    except (TypeError, ValueError, OverflowError):
        return None
    return _Witness([head.tobytes() for head in heads], [row.tobytes() for row in rows])


def _size(value: Any) -> int:
    """Number of numbers in a value; 0 where it is none."""
    if isinstance(value, (bool, int, float, np.generic)):
        return 1
    if isinstance(value, torch.Tensor):
        return value.numel() if value.layout is torch.strided and not value.is_nested else 0
    if isinstance(value, np.ndarray):
        return value.size if value.dtype.kind in "biuf" else 0
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], (bool, int, float)):
        return len(value)
    return 0


def _head(value: Any, width: int) -> Any:
    if isinstance(value, (torch.Tensor, np.ndarray)):
        while value.ndim > 1 and _size(value[0]) >= width:
            value = value[0]
        return value.reshape(-1)[:width].tolist()
    return value[:width] if isinstance(value, (list, tuple)) else [value]


def _row_heads(column: Any, width: int) -> np.ndarray | None:
    """(n_rows, width)."""
    if isinstance(column, torch.Tensor):
        if column.layout is not torch.strided or column.is_nested:
            return None
        while column.ndim > 2 and column[0, 0].numel() >= width:
            column = column[:, 0]
        flat = column.reshape(len(column), -1)[:, :width].cpu()
        array = (flat.float() if flat.dtype is torch.bfloat16 else flat).numpy()
    else:
        try:
            array = np.asarray(column)
        except ValueError:
            return None
        array = array.reshape(len(array), -1)[:, :width]
    if array.dtype.kind not in "biuf" or array.shape[1] < width:
        return None
    return np.ascontiguousarray(array)
