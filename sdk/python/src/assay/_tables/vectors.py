"""Columns of lists of numbers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .numbers import as_numbers

_MOST_WIDTH = 16_384


class VectorColumn:
    """Lists of numbers of one length, such as embeddings, divided by one number. Rows with another length, or with numbers that are not
    finite, are the mean.

    Parameters
    ----------
    name : str
        For messages.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._width: int | None = None
        self._n = 0
        self._sum = self._squares = np.empty(0)
        self._scale = 1.0

    def learn(self, values: pa.Array) -> None:
        """See `ColumnEncoder`."""
        if self._width is None:
            first = values.drop_null().slice(0, 1).to_pylist()
            if not first:
                return
            self._width = len(first[0])
            if not 0 < self._width <= _MOST_WIDTH:
                raise ValueError(
                    f'Cannot use column "{self._name}" as features: a list must have 1 to {_MOST_WIDTH:,} numbers, not {self._width:,}'
                )
            self._sum = np.zeros(self._width)
            self._squares = np.zeros(self._width)
        rows, is_known = self._rows(values)
        known = rows[is_known]
        self._n += len(known)
        self._sum += known.sum(0)
        self._squares += (known**2).sum(0)

    def close(self) -> str | None:
        """See `ColumnEncoder`."""
        if self._n == 0:
            return "it has no lists of finite numbers"
        variance = (self._squares / self._n - (self._sum / self._n) ** 2).mean()
        if not variance > 0:
            return "all of its values are the same"
        self._scale = float(variance**-0.5)
        return None

    def encode(self, values: pa.Array) -> np.ndarray:
        """See `ColumnEncoder`."""
        rows, is_known = self._rows(values)
        mean = self._sum / self._n
        return (np.where(is_known[:, None], rows - mean, 0) * self._scale).astype(np.float32)

    def _rows(self, values: pa.Array) -> tuple[np.ndarray, np.ndarray]:
        width = self._width or 1
        rows = np.zeros((len(values), width))
        lengths = pc.list_value_length(values).fill_null(0).to_numpy(zero_copy_only=False)
        flat = as_numbers(values.flatten())
        fits = lengths == width
        if fits.all():
            rows = flat.reshape(-1, width)
        else:
            starts = np.cumsum(lengths) - lengths
            rows[fits] = flat[starts[fits][:, None] + np.arange(width)]
        is_known = fits & np.isfinite(rows).all(1)
        return np.where(is_known[:, None], rows, 0), is_known
