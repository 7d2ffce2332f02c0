"""What people see beside a sample: the other columns, within the limits of the wire."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from .to_arrow import as_text

_RESERVED = ("id", "label", "text", "image", "features")
_MOST_CHARACTERS = 16_384
_MOST_ESCAPED = 6
_LEAST_CHARACTERS = 40


class Metadata:
    """Metadata columns of a table, as flat JSON values.

    Parameters
    ----------
    columns : sequence of str
        Their names in the table.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self._names = _renamed(columns)
        self._n_cut = 0

    @property
    def notes(self) -> list[str]:
        """What was renamed or cut, in sentences."""
        renamed = [f'"{old}" as "{new}"' for old, new in self._names.items() if old != new]
        notes = [f"Metadata may not use the names of a sample's own columns: {', '.join(renamed)}"] if renamed else []
        if self._n_cut:
            notes.append(f"Metadata of {self._n_cut:,} rows is longer than {_MOST_CHARACTERS:,} characters of JSON and was cut")
        return notes

    def of(self, batch: pa.RecordBatch) -> dict[str, list[Any]]:
        """Values of some rows by the name they are logged under, each (n,)."""
        columns = {new: _flat(batch.column(batch.schema.get_field_index(old))) for old, new in self._names.items()}
        for row in self._long_rows(batch):
            self._cut(columns, row)
        return columns

    def _long_rows(self, batch: pa.RecordBatch) -> list[int]:
        """Rows that may be too long: texts are counted as if each character were escaped."""
        fixed, texts = 2, None
        for old, new in self._names.items():
            fixed += _MOST_ESCAPED * len(new) + 30
            column = batch.column(batch.schema.get_field_index(old))
            if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
                length = pc.cast(pc.fill_null(pc.utf8_length(column), 0), pa.int64())
                texts = length if texts is None else pc.add(texts, length)
            elif pa.types.is_nested(column.type):
                return list(range(batch.num_rows))
        if texts is None:
            return list(range(batch.num_rows)) if fixed > _MOST_CHARACTERS else []
        most = pc.add(pc.multiply(texts, _MOST_ESCAPED), fixed)
        rows: list[int] = pc.indices_nonzero(pc.greater(most, _MOST_CHARACTERS)).to_pylist()
        return rows

    def _cut(self, columns: dict[str, list[Any]], row: int) -> None:
        values = {name: column[row] for name, column in columns.items() if column[row] is not None}
        sizes = {name: _json_length(name) + _json_length(value) + 2 for name, value in values.items()}
        excess = 1 + sum(sizes.values()) - _MOST_CHARACTERS
        if excess <= 0:
            return
        self._n_cut += 1
        texts = sorted((name for name, value in values.items() if isinstance(value, str)), key=lambda name: -sizes[name])
        for name in texts:
            while excess > 0 and len(values[name]) > _LEAST_CHARACTERS:
                value = values[name]
                values[name] = value[: max(_LEAST_CHARACTERS, len(value) - max(len(value) // 8, excess // _MOST_ESCAPED)) - 1] + "…"
                excess -= sizes[name]
                sizes[name] = _json_length(name) + _json_length(values[name]) + 2
                excess += sizes[name]
        for name in reversed(list(values)):
            if excess <= 0:
                break
            excess -= sizes[name]
            del values[name]
        for name, column in columns.items():
            column[row] = values.get(name)


def _renamed(columns: Sequence[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for column in columns:
        name = column.replace("\0", "")
        while name in _RESERVED or name in names.values() or (name != column and name in columns):
            name += "_"
        names[column] = name
    return names


def _flat(values: pa.Array) -> list[Any]:
    type_ = values.type
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_) or pa.types.is_null(type_):
        return [None] * len(values)
    if pa.types.is_floating(type_):
        return [None if x is None or not math.isfinite(x) else x for x in values.cast(pa.float64()).to_pylist()]
    if pa.types.is_decimal(type_):
        values = pc.cast(values, pa.float64())
    if pa.types.is_timestamp(type_) and type_.unit == "ns":
        values = pc.cast(values, pa.timestamp("us", type_.tz), safe=False)
    if pa.types.is_temporal(type_):
        return [None if x is None else _instant(x) for x in values.to_pylist()]
    if pa.types.is_nested(type_):
        return [None if x is None else as_text(x) for x in values.to_pylist()]
    return list(values.to_pylist())


def _instant(value: Any) -> str:
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def _json_length(value: Any) -> int:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
