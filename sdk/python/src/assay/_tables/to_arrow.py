"""Tables in memory, whatever made them, as Arrow."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from .source import TableSource, unique_names

TAKEN = "a DataFrame of pandas or polars, an Arrow table, a dict of columns, a list of dicts, or a path"


def open_in_memory(data: Any) -> TableSource:
    """A table of pandas, polars, Arrow, a dict of columns or a list of dicts.

    Raises
    ------
    TypeError
        If it is none of these.
    ValueError
        If its columns differ in length.
    """
    if isinstance(data, pa.Table):
        return TableSource("the table", data)
    if isinstance(data, pa.RecordBatch):
        return TableSource("the table", pa.Table.from_batches([data]))
    if isinstance(data, pa.RecordBatchReader):
        return TableSource("the table", data.read_all())
    module = type(data).__module__.split(".")[0]
    if module == "pandas" and hasattr(data, "columns"):
        return TableSource("the DataFrame", _of_pandas(data))
    if hasattr(data, "collect") and hasattr(data, "lazy"):
        data = data.collect()
    for method in ("to_arrow", "to_arrow_table"):
        if hasattr(data, method):
            return open_in_memory(getattr(data, method)())
    if hasattr(data, "__arrow_c_stream__"):
        return TableSource("the table", pa.table(data))
    if hasattr(data, "to_pandas"):
        return open_in_memory(data.to_pandas())
    if isinstance(data, Mapping):
        return TableSource("the dict of columns", table_of_columns(data))
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return TableSource("the list of rows", table_of_rows(data, "the list of rows"))
    raise TypeError(f"Cannot read a table from {type(data).__name__}: give {TAKEN}")


def table_of_columns(columns: Mapping[Any, Any]) -> pa.Table:
    """A table of lists or arrays by name."""
    arrays = {str(name): array_of(values) for name, values in columns.items()}
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f'"{name}" {n}' for name, n in lengths.items())
        raise ValueError(f"Cannot read the dict of columns as all columns must have one length: current lengths are {told}")
    return pa.Table.from_arrays(list(arrays.values()), names=list(arrays))


def table_of_rows(rows: Sequence[Any], name: str) -> pa.Table:
    """A table of dicts; columns that a row lacks are null."""
    names: dict[str, None] = {}
    for at, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise ValueError(f"Cannot read {name} as every row must be a dict: row {at} is {type(row).__name__}")
        names.update(dict.fromkeys(row))
    columns = {key: array_of([row.get(key) for row in rows]) for key in names}
    return pa.Table.from_arrays(list(columns.values()), names=[str(key) for key in columns])


def array_of(values: Any) -> pa.Array | pa.ChunkedArray:
    """A column as Arrow. Pictures become PNG files; a mix of types becomes text."""
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return values
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    if isinstance(values, np.ndarray) and values.ndim == 2:
        flat = pa.array(np.ascontiguousarray(values).reshape(-1))
        return pa.FixedSizeListArray.from_arrays(flat, values.shape[1])
    if isinstance(values, np.ndarray) and values.ndim > 2:
        return pa.array([_as_file(value, row) for row, value in enumerate(values)])
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, TypeError, ValueError, OverflowError):
        return _of_mixed(list(values))


def _of_mixed(values: list[Any]) -> pa.Array:
    known = [value for value in values if not _is_missing(value)]
    if known and all(_is_picture(value) for value in known):
        return pa.array([None if _is_missing(value) else _as_file(value, row) for row, value in enumerate(values)], pa.large_binary())
    if known and all(isinstance(value, np.ndarray) and value.ndim == 1 for value in known):
        return pa.array([None if _is_missing(value) else value.tolist() for value in values])
    return pa.array([None if _is_missing(value) else as_text(value) for value in values], pa.large_string())


def as_text(value: Any) -> str:
    """A value as people read it: text as it is, nested ones as JSON."""
    if isinstance(value, (str, int, float, np.generic)):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _is_missing(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value


def _is_picture(value: Any) -> bool:
    return hasattr(value, "save") or (isinstance(value, np.ndarray) and value.ndim in (2, 3) and value.dtype == np.uint8)


def _as_file(value: Any, row: int) -> bytes:
    from .._images import image_content
    from .._rows import RowsRefused

    try:
        content = image_content(value, row)
    except RowsRefused as error:
        raise ValueError(f"Cannot read a column of pictures as {error}") from error
    assert isinstance(content, bytes)
    return content


def _of_pandas(frame: Any) -> pa.Table:
    names = ["_".join(map(str, name)) if isinstance(name, tuple) else str(name) for name in frame.columns]
    arrays = [array_of(frame.iloc[:, at]) for at in range(len(names))]
    return pa.Table.from_arrays(arrays, names=unique_names(names))
