"""What every kind of table looks like once it is open."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

import pyarrow as pa

BATCH_ROWS = 8192


class Source(Protocol):
    """A table that can be read more than once, a batch at a time.

    Attributes
    ----------
    name : str
        What messages call it, such as ``mails.csv``.
    schema : pyarrow.Schema
        Columns; names are unique and not empty.
    notes : list of str
        What its reader should know: rows that were skipped, an encoding that was guessed.
    roles : mapping of str to str
        Columns whose role is known already: ``{"label": "label"}`` of a folder of images.
    """

    name: str
    schema: pa.Schema
    notes: list[str]
    roles: Mapping[str, str]

    def batches(self, columns: Sequence[str], *, raw: Collection[str] = (), rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """Read it from the start.

        Parameters
        ----------
        columns : sequence of str
            Which ones.
        raw : collection of str
            Those of them that a text file shall give as they are written, not as the numbers that they may mean.
        rows : int, default=8192
            Most rows of a batch.
        """
        ...


class TableSource:
    """A table in memory.

    Parameters
    ----------
    name : str
        What messages call it.
    table : pyarrow.Table
        The rows; not copied.
    notes : sequence of str
        What its reader should know.
    roles : mapping of str to str
        See `Source`.
    """

    def __init__(self, name: str, table: pa.Table, notes: Sequence[str] = (), roles: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.notes = list(notes)
        self.roles = roles or {}
        self._table = table.rename_columns(unique_names(table.column_names))
        self.schema = plain_schema(self._table.schema)

    def batches(self, columns: Sequence[str], *, raw: Collection[str] = (), rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """See `Source`."""
        for batch in self._table.select(list(columns)).to_batches(max_chunksize=rows):
            yield plain_batch(batch)


def unique_names(names: Sequence[str]) -> list[str]:
    """Column names made unique and none empty: ``["a", "a", ""]`` becomes ``["a", "a_2", "column_3"]``."""
    found: list[str] = []
    for at, given in enumerate(names, start=1):
        name = str(given).strip() or f"column_{at}"
        candidate, n = name, 1
        while candidate in found:
            n += 1
            candidate = f"{name}_{n}"
        found.append(candidate)
    return found


def plain_type(type_: pa.DataType) -> pa.DataType:
    """The type that a column is decoded to: no dictionaries, views or extensions."""
    if isinstance(type_, pa.BaseExtensionType):
        return plain_type(type_.storage_type)
    if pa.types.is_dictionary(type_):
        return plain_type(type_.value_type)
    if str(type_) == "string_view":
        return pa.large_string()
    if str(type_) == "binary_view":
        return pa.large_binary()
    return type_


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """A schema of plain types."""
    return pa.schema([pa.field(field.name, plain_type(field.type)) for field in schema])


def plain_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch with columns of plain types."""
    arrays = [_plain(array) for array in batch.columns]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def _plain(array: pa.Array) -> pa.Array:
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    wanted = plain_type(array.type)
    return array if array.type == wanted else array.cast(wanted)
