from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from assay._labels import plain_labels
from assay._rows import RowsRefused


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["ham", None, "spam"], ["ham", None, "spam"]),
        ([0, None, 1], [0, None, 1]),
        ([0, -1, -100], [0, None, None]),
        ([True, False], [1, 0]),
        ([1.0, float("nan")], [1, None]),
        (np.array([0, 2], np.uint8), [0, 2]),
        (np.array(["a", "b"]), ["a", "b"]),
        (pd.Series(["a", None]), ["a", None]),
        (pd.Series([1, pd.NA], dtype="Int64"), [1, None]),
        (pd.Series(["a", "b"], dtype="category"), ["a", "b"]),
        ([np.int64(3), np.float32(2)], [3, 2]),
    ],
)
def test_labels_are_names_indices_or_none(labels: Any, expected: list[Any]) -> None:
    assert plain_labels(labels) == expected


@pytest.mark.parametrize("labels", [[0.5], [b"a"], [["a"]], ["a", 1], np.zeros((2, 2))])
def test_other_labels_are_refused(labels: Any) -> None:
    with pytest.raises(RowsRefused, match="labels"):
        plain_labels(labels)


def test_labels_of_a_tensor_are_indices() -> None:
    torch = pytest.importorskip("torch")
    assert plain_labels(torch.tensor([0, 1])) == [0, 1]
    assert plain_labels([torch.tensor(1)]) == [1]
