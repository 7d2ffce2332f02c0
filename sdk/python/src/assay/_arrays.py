"""Arrays of whatever library as ours: checked, copied, numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ._rows import RowsRefused

_FLOATS = (np.dtype(np.float32), np.dtype(np.float64), np.dtype(np.float16))


def own_ids(ids: Any) -> np.ndarray | list[str]:
    """Ids as integers or strings of ours.

    Parameters
    ----------
    ids : sequence of str or int
        (n,); lists, arrays, tensors, series.

    Returns
    -------
    ids : ndarray of int64 or uint64, or list of str
        (n,). Strings where any is one, or too large.

    Raises
    ------
    RowsRefused
        If one is neither a string nor an integer.
    """
    if not isinstance(ids, (list, tuple)):
        array = as_numpy(ids)
        if array.ndim != 1:
            raise RowsRefused(f"ids must be one-dimensional: current shape is {array.shape}")
        if array.dtype.kind == "i":
            return array.astype(np.int64)
        if array.dtype.kind == "u":
            return array.astype(np.uint64)
        ids = array.tolist()
    kinds = set(map(type, ids))
    if kinds == {str}:
        return list(ids)
    if kinds == {int}:
        try:
            return np.array(ids, dtype=np.int64)
        except OverflowError:
            return [str(i) for i in ids]
    return _mixed_ids(ids)


def _mixed_ids(ids: Sequence[Any]) -> np.ndarray | list[str]:
    plain: list[str | int] = []
    for row, value in enumerate(ids):
        if isinstance(value, str):
            plain.append(str(value))
        elif _is_integer(value):
            plain.append(int(value))
        else:
            raise RowsRefused(f"ids[{row}] must be a string or an integer: current value is {value!r}")
    if any(isinstance(value, str) for value in plain):
        return [str(value) for value in plain]
    return own_ids(plain) if plain else []


def _is_integer(value: Any) -> bool:
    if isinstance(value, (int, np.integer)):
        return not isinstance(value, bool)
    return getattr(value, "ndim", None) == 0 and as_numpy(value).dtype.kind in "iu"


def own_matrix(values: Any, name: str, n_rows: int) -> np.ndarray:
    """Numbers as a matrix of ours, float16, float32 or float64 as given, equal to the bit.

    Parameters
    ----------
    values : array
        (n_rows, width). Integers become float64. Copied, so that the caller may change its own at once.
    name : str
        For the sentence.
    n_rows : int
        Number of ids.

    Raises
    ------
    RowsRefused
        If it has another shape, or holds no numbers.
    """
    array = as_numpy(values)
    if array.ndim != 2 or len(array) != n_rows:
        is_flat = array.ndim == 1 and name in ("logits", "probs")
        hint = "; two classes have two columns, such as probs=np.column_stack([1 - p, p])" if is_flat else ""
        raise RowsRefused(f"{name} must have shape ({n_rows}, width), a row for each id: current shape is {array.shape}{hint}")
    if array.shape[1] == 0:
        raise RowsRefused(f"{name} must have at least one column: current shape is {array.shape}")
    if array.dtype.newbyteorder("=") in _FLOATS:
        return np.array(array, dtype=array.dtype.newbyteorder("="), order="C", copy=True)
    if array.dtype.kind not in "iufb":
        raise RowsRefused(f"{name} must hold numbers: current type is {array.dtype}")
    return np.array(array, dtype=np.float64, order="C", copy=True)


def as_numpy(values: Any) -> np.ndarray:
    """Any array as numpy's: tensors leave their graph and their device, and bfloat16, which numpy lacks, becomes float32."""
    if isinstance(values, np.ndarray):
        return values
    detach = getattr(values, "detach", None)
    if detach is not None:
        values = detach().cpu()
        if "bfloat16" in str(values.dtype):
            values = values.float()
        return np.asarray(values.numpy())
    return np.asarray(values)
