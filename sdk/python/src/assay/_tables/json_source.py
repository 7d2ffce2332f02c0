"""JSON files: a line for each row, an array of rows, or columns by name."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from .files import open_bytes
from .source import BATCH_ROWS, TableSource
from .to_arrow import as_text, table_of_columns, table_of_rows

_MOST_SKIPPED = 0.1


def open_json(path: Path, *, is_lines: bool) -> TableSource:
    """A JSON file as a table in memory.

    Parameters
    ----------
    path : Path
        The file; gzip, bzip2 or xz are decompressed.
    is_lines : bool
        Whether each line is an object; else a file that is no whole JSON is tried as lines too.

    Raises
    ------
    ValueError
        If it is not UTF-8, no JSON, holds no rows, or more than a tenth of its lines are damaged.
    """
    try:
        if not is_lines:
            found = _whole(path)
            if found is not None:
                return TableSource(path.name, found)
        return _lines(path)
    except UnicodeDecodeError as error:
        raise ValueError(f'Cannot read "{path}" as JSON is UTF-8: byte 0x{error.object[error.start]:02x} is not allowed there') from error


def _whole(path: Path) -> pa.Table | None:
    with open_bytes(path) as file:
        try:
            value = json.loads(file.read().decode("utf-8-sig"))
        except json.JSONDecodeError:
            return None
    if isinstance(value, Mapping):
        lists = [inner for inner in value.values() if isinstance(inner, list)]
        if len(lists) == 1 and lists[0] and all(isinstance(row, Mapping) for row in lists[0]):
            value = lists[0]
        elif value and len(lists) == len(value):
            return table_of_columns(value)
        else:
            value = [value]
    if not isinstance(value, list) or not value:
        raise ValueError(f'Cannot read "{path}" as it must hold an array of rows: current value is {as_text(value)[:60]}')
    return table_of_rows(value, path.name)


def _lines(path: Path) -> TableSource:
    damaged: list[int] = []
    tables = []
    n_rows = 0
    for rows in _batches(_rows(path, damaged)):
        tables.append(table_of_rows(rows, path.name))
        n_rows += len(rows)
    if len(damaged) > _MOST_SKIPPED * (n_rows + len(damaged)) or n_rows == 0:
        first = f"line {damaged[0]} is none" if damaged else "it has none"
        raise ValueError(
            f'Cannot read "{path}" as each line must be a JSON object: {first} ({len(damaged):,} of {n_rows + len(damaged):,})'
        )
    notes = []
    if damaged:
        notes.append(f"{len(damaged):,} lines of {path.name} are no JSON objects and were skipped: the first is line {damaged[0]:,}")
    return TableSource(path.name, concat(tables), notes)


def _rows(path: Path, damaged: list[int]) -> Iterator[dict[str, Any]]:
    with open_bytes(path) as file, io.TextIOWrapper(file, encoding="utf-8-sig", newline="\n") as lines:
        for at, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError:
                row = None
            if isinstance(row, dict):
                yield row
            else:
                damaged.append(at)


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


def concat(tables: list[pa.Table]) -> pa.Table:
    """One table of several whose columns may differ: whole and other numbers become numbers, any other mix becomes text."""
    names = list(dict.fromkeys(name for table in tables for name in table.column_names))
    columns = []
    for name in names:
        parts = [table.column(name) if name in table.column_names else pa.nulls(len(table)) for table in tables]
        columns.append(_joined(parts))
    return pa.Table.from_arrays(columns, names=names)


def _joined(parts: list[pa.ChunkedArray | pa.Array]) -> pa.ChunkedArray:
    types = list(dict.fromkeys(part.type for part in parts if not pa.types.is_null(part.type)))
    if not types:
        wanted = pa.null()
    elif len(types) == 1:
        wanted = types[0]
    elif all(pa.types.is_integer(type_) or pa.types.is_floating(type_) for type_ in types):
        wanted = pa.float64()
    else:
        wanted = pa.large_string()
    chunks = []
    for part in parts:
        for chunk in part.chunks if isinstance(part, pa.ChunkedArray) else [part]:
            chunks.append(_as(chunk, wanted))
    return pa.chunked_array(chunks, wanted)


def _as(chunk: pa.Array, wanted: pa.DataType) -> pa.Array:
    if chunk.type == wanted:
        return chunk
    if pa.types.is_null(chunk.type):
        return pa.nulls(len(chunk), wanted)
    if wanted == pa.large_string() and not pa.types.is_string(chunk.type):
        return pa.array([None if value is None else as_text(value) for value in chunk.to_pylist()], wanted)
    return pc.cast(chunk, wanted, safe=False)
