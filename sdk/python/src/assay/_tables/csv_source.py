"""CSV files, read in batches as often as needed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pcsv

from .dialect import dialect_of
from .files import open_bytes
from .source import BATCH_ROWS
from .written import Meaning

_BLOCK_BYTES = 1 << 24
_MOST_SKIPPED = 0.1


class CsvSource:
    """A CSV or TSV file. Read once to find out what its columns mean; after that as often as it is asked for, never whole in memory.

    Parameters
    ----------
    path : Path
        The file; gzip, bzip2 or xz are decompressed.
    encoding, delimiter : str, optional
        Default: found out.

    Raises
    ------
    ValueError
        If it has no header, no rows, is not in the given encoding, or more than a tenth of its rows have another number of columns.
    """

    def __init__(self, path: Path, *, encoding: str | None = None, delimiter: str | None = None) -> None:
        self.name = path.name
        self._path = path
        self._dialect = dialect_of(path, encoding=encoding, delimiter=delimiter)
        self.notes = list(self._dialect.notes)
        self.roles: Mapping[str, str] = {}
        self._meanings = {name: Meaning() for name in self._dialect.names}
        self._skipped: list[Any] = []
        n_rows = 0
        for batch in self._read(self._dialect.names, self._skipped.append):
            n_rows += batch.num_rows
            for name, column in zip(batch.schema.names, batch.columns, strict=True):
                self._meanings[name].add(column)
        self._judge(n_rows)
        self.schema = pa.schema([pa.field(name, meaning.type) for name, meaning in self._meanings.items()])

    def batches(self, columns: Sequence[str], *, raw: Collection[str] = (), rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """See `Source`."""
        for whole in self._read(columns, lambda _: None):
            for start in range(0, whole.num_rows, rows):
                batch = whole.slice(start, rows)
                arrays = [
                    column if name in raw else self._meanings[name].read(column)
                    for name, column in zip(batch.schema.names, batch.columns, strict=True)
                ]
                yield pa.RecordBatch.from_arrays(arrays, names=list(columns))

    def _read(self, columns: Sequence[str], on_skipped: Any) -> Iterator[pa.RecordBatch]:
        def skip(row: Any) -> str:
            on_skipped(row)
            return "skip"

        dialect = self._dialect
        with open_bytes(self._path) as file:
            reader = pcsv.open_csv(
                pa.PythonFile(file, mode="r"),
                read_options=pcsv.ReadOptions(
                    use_threads=False,
                    block_size=_BLOCK_BYTES,
                    encoding=dialect.encoding,
                    skip_rows=dialect.skip_lines,
                    column_names=list(dialect.names),
                    skip_rows_after_names=1,
                ),
                parse_options=pcsv.ParseOptions(delimiter=dialect.delimiter, newlines_in_values=True, invalid_row_handler=skip),
                convert_options=pcsv.ConvertOptions(
                    column_types={name: pa.string() for name in dialect.names},
                    include_columns=list(columns),
                    strings_can_be_null=False,
                ),
            )
            with reader:
                try:
                    yield from reader
                except pa.ArrowInvalid as error:
                    raise ValueError(f'Cannot read "{self._path}" as CSV: {error}') from error

    def _judge(self, n_rows: int) -> None:
        n_skipped = len(self._skipped)
        if n_rows + n_skipped == 0:
            raise ValueError(f'Cannot read "{self._path}" as it has a header and no rows')
        if n_skipped == 0:
            return
        first = self._skipped[0]
        rule = f"{first.actual_columns} columns where the header has {first.expected_columns}"
        place = f"row {first.number} (the header is row 1) has " if first.number is not None else "one row has "
        if n_skipped > _MOST_SKIPPED * (n_rows + n_skipped):
            raise ValueError(
                f'Cannot read "{self._path}" as {n_skipped:,} of {n_rows + n_skipped:,} rows do not fit: {place}{rule}; '
                f'the delimiter was taken to be "{_shown(self._dialect.delimiter)}", give delimiter= if that is wrong'
            )
        self.notes.append(f"{n_skipped:,} of {n_rows + n_skipped:,} rows of {self.name} were skipped: {place}{rule}")
        self._skipped = self._skipped[:1]


def _shown(delimiter: str) -> str:
    return "\\t" if delimiter == "\t" else delimiter
