"""Parquet files and folders of them, read in batches as often as needed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as pds

from .source import BATCH_ROWS, plain_batch, plain_schema, unique_names


class ParquetSource:
    """A Parquet or Arrow file, or a folder of Parquet files with one schema.

    Parameters
    ----------
    path : Path
        File or folder; subfolders such as ``year=2024`` become columns.
    format : {"parquet", "ipc"}
        What the files are.

    Raises
    ------
    ValueError
        If it cannot be read, or two columns have one name.
    """

    def __init__(self, path: Path, format: str = "parquet") -> None:
        self.name = path.name
        self.notes: list[str] = []
        self.roles: Mapping[str, str] = {}
        try:
            self._dataset = pds.dataset(path, format=format, partitioning="hive", exclude_invalid_files=path.is_dir())
        except (pa.ArrowInvalid, OSError) as error:
            raise ValueError(f'Cannot read "{path}" as {format}: {error}') from error
        names = self._dataset.schema.names
        if unique_names(names) != names:
            raise ValueError(f'Cannot read "{path}" as its columns must have unique names that are not empty: current names are {names}')
        self.schema = plain_schema(self._dataset.schema)

    def batches(self, columns: Sequence[str], *, raw: Collection[str] = (), rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """See `Source`."""
        scanner = self._dataset.scanner(columns=list(columns), batch_size=rows, batch_readahead=2, fragment_readahead=1)
        for batch in scanner.to_batches():
            if batch.num_rows > 0:
                yield plain_batch(batch)
