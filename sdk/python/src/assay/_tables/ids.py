"""Ids of rows: those of a column, or their numbers."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_MOST_BYTES = 1024


class Ids:
    """Checks ids batch by batch: none missing, none twice in a split.

    Parameters
    ----------
    column : str
        Name of the column, for messages.
    """

    def __init__(self, column: str) -> None:
        self._column = column
        self._chunks: list[pa.Array] = []
        self._splits: list[pa.Array] = []
        self._n_rows = 0

    def add(self, values: pa.Array, splits: list[str]) -> None:
        """Take the next rows.

        Raises
        ------
        ValueError
            If one is missing or cannot be an id.
        """
        written = written_ids(values)
        bad = pc.or_kleene(pc.is_null(written), pc.or_kleene(pc.equal(written, ""), pc.greater(pc.binary_length(written), _MOST_BYTES)))
        if pc.any(bad).as_py():
            row = self._n_rows + pc.index(bad, True).as_py()
            value = written[row - self._n_rows].as_py()
            raise ValueError(
                f'Cannot take column "{self._column}" as ids: an id must be a text or a whole number of at most {_MOST_BYTES} bytes, '
                f"and row {row:,} has {'none' if not value else repr(value[:40])}"
            )
        self._chunks.append(written)
        self._splits.append(pa.array(splits).dictionary_encode())
        self._n_rows += len(written)

    def close(self) -> None:
        """Look for ids that come twice.

        Raises
        ------
        ValueError
            If one does: it names the rows.
        """
        table = pa.table({"id": pa.chunked_array(self._chunks), "split": pa.chunked_array([s.dictionary_decode() for s in self._splits])})
        counts = table.group_by(["id", "split"], use_threads=False).aggregate([([], "count_all")])
        twice = counts.filter(pc.greater(counts["count_all"], 1))
        if len(twice) == 0:
            return
        first, split = twice["id"][0], twice["split"][0]
        same = pc.and_(pc.equal(table["id"], first), pc.equal(table["split"], split))
        rows = pc.indices_nonzero(same).to_pylist()
        shown = ", ".join(f"{row:,}" for row in rows[:5]) + (" and more" if len(rows) > 5 else "")
        others = f", and {len(twice) - 1:,} other ids" if len(twice) > 1 else ""
        raise ValueError(
            f'Cannot take column "{self._column}" as ids: each may be in a split once, and {first.as_py()!r} is in '
            f"rows {shown} of split {split.as_py()}{others} "
            "(rows count from 0)"
        )


def written_ids(values: pa.Array) -> pa.Array:
    """Ids as text; null where a value cannot be one."""
    if pa.types.is_floating(values.type):
        texts: list[Any] = [None if x is None or x != x or x != int(x) else str(int(x)) for x in values.to_pylist()]
        return pa.array(texts, pa.large_string())
    if pa.types.is_nested(values.type) or pa.types.is_binary(values.type):
        return pa.nulls(len(values), pa.large_string())
    return pc.utf8_trim_whitespace(pc.cast(values, pa.large_string()))
