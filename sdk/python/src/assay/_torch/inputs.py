"""The tensors in what a model is called with, and whether they lie in those of a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch

_MOST_PARTS = 64
_PLAIN = (str, bytes, int, float, complex, type(None))


def tensors_in(value: Any, depth: int = 4) -> Iterator[torch.Tensor]:
    """All dense tensors of at least one dimension in tuples, lists, mappings and plain objects."""
    if isinstance(value, torch.Tensor):
        if value.layout is torch.strided and not value.is_nested and value.ndim and value.numel():
            yield value
    elif depth == 0 or isinstance(value, _PLAIN) or callable(value):
        return
    elif isinstance(value, Mapping):
        for part in list(value.values())[:_MOST_PARTS]:
            yield from tensors_in(part, depth - 1)
    elif isinstance(value, (list, tuple)):
        for part in value[:_MOST_PARTS]:
            yield from tensors_in(part, depth - 1)
    elif hasattr(value, "__dict__"):
        for part in list(vars(value).values())[:_MOST_PARTS]:
            yield from tensors_in(part, depth - 1)


def rows_in_memory(given: torch.Tensor, owned: Sequence[torch.Tensor], n_rows: int) -> Sequence[int] | None:
    """Rows of a batch that a tensor is a view of.

    Parameters
    ----------
    given : Tensor
        Input of a model.
    owned : sequence of Tensor
        Those of the batch.
    n_rows : int
        Rows of the batch.

    Returns
    -------
    rows : sequence of int, optional
        All of them where the view has other rows than the batch (a transposed one); None if it lies elsewhere.
    """
    for own in owned:
        if given is own:
            return range(n_rows)
        if given.device == own.device and _overlaps(given, own):
            return _rows_of_view(given, own, n_rows)
    return None


def _overlaps(given: torch.Tensor, own: torch.Tensor) -> bool:
    if given.untyped_storage().data_ptr() != own.untyped_storage().data_ptr():
        return False
    return own.data_ptr() <= given.data_ptr() <= own.data_ptr() + _extent(own)


def _extent(tensor: torch.Tensor) -> int:
    """Bytes from the first number to the last."""
    return sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride(), strict=True)) * tensor.element_size()


def _rows_of_view(given: torch.Tensor, own: torch.Tensor, n_rows: int) -> Sequence[int]:
    row_bytes = own.stride(0) * own.element_size()
    if len(own) != n_rows or n_rows == 1 or row_bytes == 0:
        return range(n_rows)
    first = (given.data_ptr() - own.data_ptr()) // row_bytes
    step, rest = divmod(given.stride(0) * given.element_size(), row_bytes)
    rows = range(first, first + len(given) * max(step, 1), max(step, 1))
    has_rows = (rest == 0 and step > 0) or len(given) == 1
    is_one_each = given.numel() * len(own) <= own.numel() * len(given)
    return rows if has_rows and is_one_each and rows[-1] < n_rows else range(n_rows)
