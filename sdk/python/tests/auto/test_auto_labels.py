"""Columns that are labels, and those that are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

N = 200


def rows(labels: Any) -> dict[str, Any]:
    return {"x": np.arange(len(labels)) ** 2, "label": labels}


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["b", "a", " b ", "a"] * 50, ("a", "b")),
        ([10, 9, 100, 9] * 50, ("9", "10", "100")),
        ([1.0, 0.0, None, 1.0] * 50, ("0", "1")),
        ([True, False] * 100, ("False", "True")),
        (["10", "9", "9", "10"] * 50, ("9", "10")),
        (["é", "z", "Z", "z"] * 50, ("Z", "z", "é")),
        (np.array([2, 1] * 100, np.int8), ("1", "2")),
        (pa.array(["x", "y"] * 100).dictionary_encode(), ("x", "y")),
        ([0.5, 1.5] * 100, ("0.5", "1.5")),
    ],
)
def test_auto_sorts_label_names(auto: Any, labels: Any, names: tuple[str, ...]) -> None:
    assert auto(rows(labels), label="label").run.options["label_names"] == names


def test_auto_logs_rows_without_label_as_unlabelled(auto: Any) -> None:
    result = auto(rows(["a", None, "b", "", "NaN"] * 40), label="label")
    assert result.run.labels[:5] == ["a", None, "b", None, None]
    assert any('120 rows have no label in "label"' in note for note in result.notes)


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (np.linspace(0, 1, N), "200 different numbers in 200 rows; this looks like regression or an id"),
        (np.arange(5000) % 1500, "1,500 different numbers in 5,000 rows; this looks like regression"),
        (np.tile(np.arange(150) / 8, 10), "150 different numbers .* regression"),
        ([f"user {at}" for at in range(N)], "200 different values in 200 rows; this looks like an id or a text"),
        ([str(at) * 3 + "x" for at in range(20_000)], "more than 10,000 different values"),
        (["spam"] * N, 'all 200 labelled rows have the one label "spam"'),
        ([None] * N, "it has no value in any row"),
        (["a", "b" * 501] * 100, "at most 500 characters, and one has 501"),
    ],
)
def test_auto_says_why_a_column_is_no_label(auto: Any, labels: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=f'Cannot take column "label" as labels: .*{sentence}'):
        auto(rows(labels), label="label")


def test_auto_names_classes_that_are_rare_or_differ_in_capitals(auto: Any) -> None:
    result = auto(rows(["spam"] * 150 + ["Spam"] * 47 + ["odd"] * 3), label="label")
    assert any("'Spam', 'spam'" in note for note in result.notes)
    assert any('fewer than 20 rows can hardly be judged: "odd" (3)' in note for note in result.notes)
