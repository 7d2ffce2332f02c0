"""A few values of every row, by which the rows of two tensors are told to be the same."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch

N_VALUES = 64


def row_values(tensor: torch.Tensor, dtype: torch.dtype | None = None) -> torch.Tensor:
    """Values of each row at fixed places: the same flat places whatever its shape, so that a flattened input agrees with its batch.

    Parameters
    ----------
    tensor : Tensor
        (n, ...).
    dtype : torch.dtype, optional
        What they are cast to, as the loop has cast its input.

    Returns
    -------
    values : Tensor
        (n, at most `N_VALUES`), on the tensor's device; a copy.
    """
    tensor = tensor.detach()
    if tensor.ndim == 1:
        picked = tensor[:, None]
    elif tensor.ndim == 2 and tensor.shape[1] <= N_VALUES:
        picked = tensor
    else:
        places: Any = (slice(None), *_places(tuple(tensor.shape[1:])))
        picked = tensor[places]
    return picked.to(dtype or tensor.dtype, copy=True)


def rows_by_value(inputs: Sequence[torch.Tensor], owned: Sequence[torch.Tensor], n_rows: int) -> Sequence[int] | None:
    """Rows of a batch whose values the inputs have.

    Parameters
    ----------
    inputs : sequence of Tensor
        All must be found, in the same rows.
    owned : sequence of Tensor
        Those of the batch.
    n_rows : int
        Rows of the batch.

    Returns
    -------
    rows : sequence of int, optional
        (n,). None if a row is not there, or could be several.
    """
    agreed: Sequence[int] | None = None
    for given in inputs:
        rows = find_values(row_values(given), given.numel() // len(given), owned, n_rows)
        if rows is None or (agreed is not None and list(rows) != list(agreed)):
            return None
        agreed = rows
    return agreed


def find_values(values: torch.Tensor, width: int, owned: Sequence[torch.Tensor], n_rows: int) -> Sequence[int] | None:
    """Rows of a batch that have these values.

    Parameters
    ----------
    values : Tensor
        Of `row_values`, (m, w).
    width : int
        Numbers of a whole row.
    owned, n_rows
        As in `rows_by_value`.
    """
    for own in owned:
        if len(own) == n_rows and own.numel() == width * n_rows:
            rows = locate_rows(values, row_values(own, values.dtype))
            if rows is not None:
                return rows
    return None


def locate_rows(given: torch.Tensor, own: torch.Tensor) -> Sequence[int] | None:
    """Where the rows of one lie in the other.

    Parameters
    ----------
    given : Tensor
        (m, w).
    own : Tensor
        (n, w), of the same type.

    Returns
    -------
    rows : sequence of int, optional
        (m,). None if one is not there, or could be several. Rows that look alike are told apart by their neighbours.
    """
    a, b = _as_bytes(given), _as_bytes(own)
    if len(a) > len(b):
        return None
    if a == b:
        return range(len(a))
    place_of: dict[bytes, int | None] = {}
    for place, row in enumerate(b):
        place_of[row] = None if row in place_of else place
    rows = [found for row in a if (found := place_of.get(row)) is not None]
    if len(rows) == len(a) == len(set(rows)):
        return rows
    runs = [first for first in range(len(b) - len(a) + 1) if b[first : first + len(a)] == a]
    return range(runs[0], runs[0] + len(a)) if len(runs) == 1 else None


def _as_bytes(values: torch.Tensor) -> list[bytes]:
    values = values.cpu().contiguous()
    array = (values if values.dtype is torch.bool else values.view(torch.uint8)).numpy()
    return [row.tobytes() for row in array]


@lru_cache(maxsize=64)
def _places(shape: tuple[int, ...]) -> tuple[torch.Tensor, ...]:
    size = int(np.prod(shape))
    flat = np.sort(np.random.default_rng(0).choice(size, min(size, N_VALUES), replace=False))
    return tuple(torch.from_numpy(np.ascontiguousarray(axis)) for axis in np.unravel_index(flat, shape))
