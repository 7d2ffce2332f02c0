from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from assay._parts import MOST_PART_BYTES, PART_BYTES, encode
from assay._rows import OutputRows, Place, RowsRefused, SampleRows

PLACE = Place("outputs", "training", 0)


def read(content: bytes) -> pa.Table:
    return pa.ipc.open_stream(content).read_all()


def outputs(ids: Any, **arrays: np.ndarray) -> OutputRows:
    return OutputRows(PLACE, ids, arrays)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_numbers_arrive_equal_to_the_bit(dtype: Any) -> None:
    random = np.random.default_rng(1)
    logits = random.integers(0, 256, (50, 3 * np.dtype(dtype).itemsize), dtype=np.uint8).view(dtype)  # every bit pattern, NaN payloads too
    rows = [outputs(np.arange(30), logits=logits[:30]), outputs(np.arange(30, 50), logits=logits[30:])]
    ((n, content),) = encode(rows)
    table = read(content)
    assert (n, table.num_rows) == (50, 50)
    values = table["logits"].combine_chunks()
    assert values.type == pa.list_(pa.from_numpy_dtype(dtype), 3)
    assert values.values.to_numpy(zero_copy_only=True).tobytes() == logits.tobytes()
    assert table["id"].to_pylist() == list(range(50))


def test_ids_of_both_kinds_become_strings() -> None:
    ((_, content),) = encode([outputs(np.array([1]), logits=np.zeros((1, 2))), outputs(["é"], logits=np.ones((1, 2)))])
    assert read(content)["id"].to_pylist() == ["1", "é"]


def test_large_rows_are_cut_into_parts_of_about_8_mb() -> None:
    logits = np.random.default_rng(0).random((50_000, 200), np.float32)  # 40 MB
    pieces = list(encode([outputs(np.arange(50_000), logits=logits)]))
    assert sum(n for n, _ in pieces) == 50_000
    assert all(len(content) < 1.5 * PART_BYTES for _, content in pieces)
    ids = np.concatenate([read(content)["id"].to_numpy() for _, content in pieces])
    assert (ids == np.arange(50_000)).all()


def test_a_row_larger_than_a_part_can_be_is_refused() -> None:
    table = pa.table({"id": [1], "image": [bytes(MOST_PART_BYTES)]})
    with pytest.raises(RowsRefused, match="at most"):
        list(encode([SampleRows(Place("samples", "training", 0), table)]))


def test_samples_whose_columns_differ_in_type_go_together() -> None:
    tables = [pa.table({"id": [1], "n": [1]}), pa.table({"id": [2], "n": [0.5]}), pa.table({"id": [3], "n": pa.nulls(1)})]
    ((_, content),) = encode([SampleRows(Place("samples", "training", 0), table) for table in tables])
    assert read(content)["n"].to_pylist() == [1, 0.5, None]
