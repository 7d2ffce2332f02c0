from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from assay._arrays import own_ids, own_matrix
from assay._rows import RowsRefused


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["a", "é", "日本"], ["a", "é", "日本"]),
        ((1, 2), [1, 2]),
        ([np.int32(1), 2], [1, 2]),
        ([np.str_("a"), "b"], ["a", "b"]),
        (["a", 1], ["a", "1"]),
        ([2**70, 1], [str(2**70), "1"]),
        ([], []),
        (np.arange(3, dtype=np.int16), [0, 1, 2]),
        (np.array([2**64 - 1], np.uint64), [2**64 - 1]),
        (np.array(["a", "b"]), ["a", "b"]),
        (np.array([1, "a"], dtype=object), ["1", "a"]),
        (pd.Series(["x", "y"]), ["x", "y"]),
        (pd.Index([7, 8]), [7, 8]),
    ],
)
def test_ids_are_integers_or_strings(ids: Any, expected: list[Any]) -> None:
    own = own_ids(ids)
    assert (own.tolist() if isinstance(own, np.ndarray) else own) == expected


@pytest.mark.parametrize("ids", [[1.5], [None], [True], [b"a"], np.array([0.5]), [["a"]], np.zeros((2, 2), np.int64)])
def test_other_ids_are_refused(ids: Any) -> None:
    with pytest.raises(RowsRefused, match="ids"):
        own_ids(ids)


def test_flat_probabilities_are_refused_with_the_way_out() -> None:
    with pytest.raises(RowsRefused, match=r"current shape is \(3,\); two classes have two columns"):
        own_matrix(np.zeros(3), "probs", 3)
    with pytest.raises(RowsRefused, match=r"current shape is \(3,\)$"):
        own_matrix(np.zeros(3), "features", 3)


def test_ids_of_a_tensor_are_integers() -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.tensor([3, 4])
    assert own_ids(tensor).tolist() == [3, 4]
    assert own_ids(list(tensor)).tolist() == [3, 4]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("order", ["C", "F"])
def test_floats_stay_equal_to_the_bit_and_are_copied(dtype: Any, order: Any) -> None:
    given = np.array([[0.1, np.nan, -0.0], [np.inf, 1e-7, 3]], dtype=dtype, order=order)
    own = own_matrix(given, "logits", 2)
    assert own.dtype == dtype
    assert own.tobytes() == given.tobytes("C")
    given[:] = 0
    assert own[1, 2] == 3


def test_integers_and_foreign_byte_order_become_floats_of_this_machine() -> None:
    assert own_matrix([[1, 2]], "logits", 1).dtype == np.float64
    big = own_matrix(np.array([[0.1]], dtype=">f4"), "logits", 1)
    assert big.dtype == np.float32
    assert big[0, 0] == np.float32(0.1)


def test_tensors_leave_their_graph() -> None:
    torch = pytest.importorskip("torch")
    given = torch.tensor([[0.1, 0.2]], requires_grad=True)
    assert own_matrix(given, "logits", 1).tobytes() == given.detach().numpy().tobytes()
    assert own_matrix(given.bfloat16(), "logits", 1).dtype == np.float32


@pytest.mark.parametrize("values", [np.zeros(3), np.zeros((2, 3)), np.zeros((3, 0)), [["a"], ["b"], ["c"]]])
def test_what_does_not_fit_is_refused(values: Any) -> None:
    with pytest.raises(RowsRefused, match="logits must"):
        own_matrix(values, "logits", 3)
