"""Columns of a table as numbers on one scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import pyarrow as pa

from .categories import CategoryColumn
from .numbers import NumberColumn
from .vectors import VectorColumn


class ColumnEncoder(Protocol):
    """Numbers of one column: `learn` from all batches, `close` once, then `encode` any batch."""

    def learn(self, values: pa.Array) -> None:
        """Take the next rows."""
        ...

    def close(self) -> str | None:
        """End learning: None, or why the column tells nothing."""
        ...

    def encode(self, values: pa.Array) -> np.ndarray:
        """Numbers of some rows, float32 (n, width), all finite."""
        ...


class Features:
    """Numbers of several columns side by side. A number, a truth value, a category or an instant has a variance of one; so has each number
    of a list on the average.

    Parameters
    ----------
    types : mapping of str to pyarrow.DataType
        The columns.

    Raises
    ------
    ValueError
        If a column is of a type that cannot be numbers.
    """

    def __init__(self, types: Mapping[str, pa.DataType]) -> None:
        self._encoders = {name: _encoder_of(name, type_) for name, type_ in types.items()}
        self.notes: list[str] = []

    def learn(self, columns: Mapping[str, pa.Array]) -> None:
        """Take the next rows of all columns."""
        for name, encoder in self._encoders.items():
            encoder.learn(columns[name])

    def close(self) -> None:
        """End learning.

        Raises
        ------
        ValueError
            If no column tells anything.
        """
        told = {name: encoder.close() for name, encoder in self._encoders.items()}
        dropped = {name: why for name, why in told.items() if why is not None}
        self.notes += [f'Column "{name}" is left out: {why}' for name, why in dropped.items()]
        self._encoders = {name: encoder for name, encoder in self._encoders.items() if name not in dropped}
        if not self._encoders:
            raise ValueError(
                "Cannot look at these columns as none tells rows apart: " + "; ".join(f'"{name}" {why}' for name, why in dropped.items())
            )

    def encode(self, columns: Mapping[str, pa.Array]) -> np.ndarray:
        """Numbers of some rows, float32 (n, width)."""
        return np.hstack([encoder.encode(columns[name]) for name, encoder in self._encoders.items()])


def is_usable(type_: pa.DataType) -> bool:
    """Whether a column of this type can be numbers."""
    return _is_number(type_) or _is_text(type_) or _is_vector(type_)


def _encoder_of(name: str, type_: pa.DataType) -> ColumnEncoder:
    if _is_number(type_) or pa.types.is_null(type_):
        return NumberColumn()
    if _is_text(type_):
        return CategoryColumn()
    if _is_vector(type_):
        return VectorColumn(name)
    raise ValueError(
        f'Cannot use column "{name}" as features: it must be numbers, truth values, instants, texts or lists of numbers, not {type_}'
    )


def _is_number(type_: pa.DataType) -> bool:
    test = pa.types
    return test.is_integer(type_) or test.is_floating(type_) or test.is_decimal(type_) or test.is_boolean(type_) or _is_time(type_)


def _is_time(type_: pa.DataType) -> bool:
    return pa.types.is_temporal(type_) and str(type_) != "month_day_nano_interval"


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))


def _is_vector(type_: pa.DataType) -> bool:
    if not (pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_)):
        return False
    return bool(pa.types.is_integer(type_.value_type) or pa.types.is_floating(type_.value_type))
