from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import assay

ROWS: list[dict[str, Any]] = [
    {
        "rank": rank,
        "sample_id": f"s{rank}",
        "mislabeled_score": 1 / rank,
        "given_label": "<b>ham</b>",
        "suggested_label": None,
        "issue_types": ["mislabeled", "hard"],
        "reason": "The model & its neighbours disagree. " * 4,
        "text_preview": "line\nline " + "x" * 500,
        "metadata": {"folder": "f"} if rank == 1 else {},
    }
    for rank in (1, 2, 4)
]


@pytest.fixture
def table() -> assay.SampleTable:
    return assay.SampleTable(ROWS)


def test_rows_columns_and_slices(table: assay.SampleTable) -> None:
    assert len(table) == 3
    assert table[0]["sample_id"] == "s1"
    assert table[-1]["rank"] == 4
    assert table["rank"] == [1, 2, 4]
    assert table["metadata.folder"] == ["f", None, None]
    assert [row["rank"] for row in table] == [1, 2, 4]
    assert table[1:]["rank"] == [2, 4]
    assert table.columns[:4] == ["rank", "sample_id", "given_label", "suggested_label"]
    with pytest.raises(KeyError, match='Cannot find column "label"'):
        table["label"]


def test_pandas_takes_it_either_way(table: assay.SampleTable) -> None:
    frame = table.to_pandas()
    assert list(frame.columns) == table.columns
    assert frame["rank"].tolist() == [1, 2, 4]
    assert pd.DataFrame(table)["sample_id"].tolist() == ["s1", "s2", "s4"]
    assert list(assay.SampleTable([]).to_pandas().columns) == []


def test_arrow_takes_it(table: assay.SampleTable) -> None:
    assert pa.table(table)["issue_types"].to_pylist() == [["mislabeled", "hard"]] * 3  # type: ignore[arg-type]


def test_html_is_escaped_and_reasons_are_whole(table: assay.SampleTable) -> None:
    html = table._repr_html_()
    assert "&lt;b&gt;ham&lt;/b&gt;" in html
    assert "<b>" not in html
    assert "The model &amp; its neighbours disagree. " * 3 in html
    assert "x" * 400 not in html
    assert "suggested" not in html, "a column without a value"
    assert ">folder</th>" in html
    assert assay.SampleTable([])._repr_html_() == "<p>No samples</p>"


def test_plain_text_has_a_line_for_each_sample(table: assay.SampleTable) -> None:
    lines = repr(table).splitlines()
    assert lines[0].split()[:3] == ["rank", "sample_id", "given_label"]
    assert len(lines) == 4
    assert max(map(len, lines)) < 220
    assert "0.250" in lines[3]
    assert repr(assay.SampleTable([])) == "SampleTable: no samples"
