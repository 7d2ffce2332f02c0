"""Rows as parts: Arrow streams of about 8 MB, each with its place and its key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ._arrow import fixed_size_list, id_array
from ._rows import OutputRows, Place, RowsRefused, SampleRows

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

PART_BYTES = 8_000_000
MOST_PART_BYTES = 32 * 2**20


@dataclass
class Part:
    """Encoded rows on their way, the same bytes under the same key however often they are sent.

    Parameters
    ----------
    place : Place
        Where they belong.
    writer, generation, seq : str, int, int
        The rest of their position.
    key : str
        Idempotency key.
    n_rows : int
        Number of rows.
    nbytes : int
        Length of the content.
    content : bytes, optional
        None: they are on disk only.
    path : Path, optional
        Where on disk; None: in memory only.
    attempts : int
        How often they were sent so far.
    """

    place: Place
    writer: str
    generation: int
    seq: int
    key: str
    n_rows: int
    nbytes: int
    content: bytes | None
    path: Path | None = None
    attempts: int = 0

    @property
    def position(self) -> tuple[str, str, int, int]:
        """Kind, split, epoch and seq: what a manifest says of it."""
        return self.place.part_kind, self.place.split, self.place.epoch, self.seq


def encode(rows: list[Any]) -> Iterator[tuple[int, bytes]]:
    """Rows of one signature as Arrow streams, none much larger than `PART_BYTES`.

    Yields
    ------
    n_rows : int
        Rows in the stream.
    content : bytes
        The stream.

    Raises
    ------
    RowsRefused
        If a single row is larger than a part can be.
    """
    if isinstance(rows[0], SampleRows):
        table = _joined([r.table for r in rows])
        yield from _cut(table.num_rows, lambda start, end: table.slice(start, end - start))
        return
    merged = _merged(rows)
    yield from _cut(len(merged), lambda start, end: _output_table(merged, start, end))


def _joined(tables: list[pa.Table]) -> pa.Table:
    import pyarrow as pa

    return tables[0] if len(tables) == 1 else pa.concat_tables(tables, promote_options="permissive")


def _merged(rows: list[OutputRows]) -> OutputRows:
    if len(rows) == 1:
        return rows[0]
    if len({getattr(r.ids, "dtype", None) for r in rows}) == 1 and isinstance(rows[0].ids, np.ndarray):
        ids: Any = np.concatenate([r.ids for r in rows])
    else:
        ids = [str(i) for r in rows for i in (r.ids.tolist() if isinstance(r.ids, np.ndarray) else r.ids)]
    arrays = {name: np.concatenate([r.arrays[name] for r in rows]) for name in rows[0].arrays}
    return OutputRows(rows[0].place, ids, arrays)


def _output_table(rows: OutputRows, start: int, end: int) -> pa.Table:
    import pyarrow as pa

    columns = [id_array(rows.ids[start:end]), *(fixed_size_list(array[start:end]) for array in rows.arrays.values())]
    return pa.Table.from_arrays(columns, names=["id", *rows.arrays])


def _cut(n_rows: int, table_of: Callable[[int, int], pa.Table]) -> Iterator[tuple[int, bytes]]:
    open_ranges = [(0, n_rows)]
    while open_ranges:
        start, end = open_ranges.pop()
        content = _stream(table_of(start, end))
        n = end - start
        if len(content) > 2 * PART_BYTES and n > 1:
            pieces = min(n, -(-len(content) // PART_BYTES))
            edges = [start + n * i // pieces for i in range(pieces + 1)]
            open_ranges.extend(reversed(list(pairwise(edges))))
        elif len(content) > MOST_PART_BYTES:
            raise RowsRefused(f"a row must have at most {MOST_PART_BYTES} bytes: one has {len(content)}")
        else:
            yield n, content


def _stream(table: pa.Table) -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    content: bytes = sink.getvalue().to_pybytes()
    return content
