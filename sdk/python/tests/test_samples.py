from __future__ import annotations

import datetime
import decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from assay._rows import RowsRefused
from assay._samples import sample_rows


def table(ids: Any = (1, 2), **columns: Any) -> pa.Table:
    given = {"labels": None, "split": "training", "texts": None, "images": None, "features": None, "metadata": None, **columns}
    (rows,) = sample_rows(list(ids), **given)
    return rows.table


def test_columns_have_the_names_of_the_wire() -> None:
    made = table(labels=["a", None], texts=["t", None], images=[b"png", None], features=[[1, 2], [3, 4]], metadata={"folder": ["f", None]})
    assert made.to_pylist() == [
        {"id": 1, "label": "a", "text": "t", "image": b"png", "features": [1, 2], "folder": "f"},
        {"id": 2, "label": None, "text": None, "image": None, "features": [3, 4], "folder": None},
    ]
    assert made.schema.field("features").type == pa.list_(pa.float64(), 2)


def test_indices_are_integers_also_where_a_slice_has_none() -> None:
    assert table(labels=[None, None]).schema.field("label").type == pa.int64()
    assert table(labels=[1, None]).schema.field("label").type == pa.int64()


def test_metadata_may_be_a_frame() -> None:
    made = table(metadata=pd.DataFrame({"folder": ["a", "b"], "size": [1, 2]}, index=[7, 8]))
    assert made.select(["folder", "size"]).to_pylist() == [{"folder": "a", "size": 1}, {"folder": "b", "size": 2}]
    with pytest.raises(RowsRefused, match="labels must have 2 entries.*current length is 3"):
        table(labels=["a", "b", "c"], metadata={"labels": ["x", "y"]})


def test_uris_are_strings() -> None:
    assert table(images=["https://a/b.png", None]).schema.field("image").type == pa.large_string()


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pd.Series([1.5, np.nan]), [1.5, None]),
        (pd.Series(["a", None]), ["a", None]),
        (np.array([True, False]), [True, False]),
        ([1, "a"], ["1", "a"]),
        ([datetime.date(2026, 1, 31), None], ["2026-01-31", None]),
        (pd.to_datetime(["2026-01-31", None]), ["2026-01-31 00:00:00", None]),
        ([decimal.Decimal("0.5"), None], [0.5, None]),
        (pd.Series(["a", "b"], dtype="category"), ["a", "b"]),
        ([2**70, None], [str(2**70)[:19], None]),
        ([["a"], []], [["a"], []]),
    ],
)
def test_metadata_of_many_kinds(column: Any, expected: list[Any]) -> None:
    made = [value[:19] if isinstance(value, str) else value for value in table(metadata={"c": column})["c"].to_pylist()]
    assert made == expected


@pytest.mark.parametrize(
    ("columns", "rule"),
    [
        ({"labels": [1]}, "labels must have 2 entries, one for each id: current length is 1"),
        ({"texts": ["a", 5]}, "texts must be strings"),
        ({"texts": ["a"]}, "texts must have 2 entries"),
        ({"features": [[1], [2, 3]]}, "inhomogeneous"),
        ({"features": [["a"], ["b"]]}, "features must hold numbers"),
        ({"images": [b"png", "https://a/b.png"]}, "images must be all URIs or all contents"),
        ({"metadata": {"label": [1, 2]}}, "must have a name that is not one of"),
        ({"metadata": {"c": [b"x", b"y"]}}, 'column "c" must hold'),
    ],
)
def test_what_does_not_fit_is_refused(columns: Any, rule: str) -> None:
    with pytest.raises((RowsRefused, ValueError), match=rule):
        table(**columns)


def test_many_samples_come_in_slices() -> None:
    rows = list(sample_rows(range(12_000), None, "test", None, None, None, None))
    assert [len(some) for some in rows] == [5000, 5000, 2000]
    assert rows[2].table["id"][0].as_py() == 10_000
    assert {some.place for some in rows} == {("samples", "test", 0, None)}
