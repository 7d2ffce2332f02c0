"""Small pieces of `assay.watch`, on their own."""

from __future__ import annotations

from collections import UserDict
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from assay._rows import RowsRefused
from assay._torch.batches import Batch, Match, Pass
from assay._torch.copies import HostCopy, compact, logits_matrix
from assay._torch.inputs import rows_in_memory, tensors_in
from assay._torch.labels import LabelsRefused, labels_of
from assay._torch.row_order import RowOrder
from assay._torch.row_values import locate_rows, row_values, rows_by_value
from assay._torch.watcher import Made

LABELS: dict[str, tuple[Any, Any, list[Any] | None]] = {
    "second of a tuple": ((torch.rand(3, 2), torch.tensor([2, 0, 1])), None, [2, 0, 1]),
    "key of a mapping": (UserDict({"x": torch.rand(3, 2), "targets": torch.tensor([2, 0, 1])}), None, [2, 0, 1]),
    "key given": ({"y": torch.zeros(3), "mood": torch.tensor([1, 1, 0])}, "mood", [1, 1, 0]),
    "position given": ((1, 2, np.array([5, 6, 7])), 2, [5, 6, 7]),
    "function given": (torch.tensor([1, 2, 3]), lambda batch: batch + 1, [2, 3, 4]),
    "floats, some ignored": ((None, torch.tensor([1.0, -100.0, float("nan")])), None, [1, None, None]),
    "column": ((None, torch.tensor([[1], [0], [-1]])), None, [1, 0, None]),
    "one-hot": ((None, torch.eye(4)[[3, 0, 2]]), None, [3, 0, 2]),
    "names": ((None, ["cat", None, "dog"]), None, ["cat", None, "dog"]),
    "booleans": ((None, torch.tensor([True, False, True])), None, [1, 0, 1]),
    "none": ((torch.rand(3, 2),), None, None),
    "list of numbers": ((None, [1, None, 0]), None, [1, None, 0]),
}


@pytest.mark.parametrize(("batch", "label", "expected"), LABELS.values(), ids=LABELS.keys())
def test_labels_of_a_batch_by(batch: Any, label: Any, expected: list[Any] | None) -> None:
    assert labels_of(batch, label, 3) == expected


REFUSED_LABELS: dict[str, tuple[Any, Any, str]] = {
    "mixed": ((None, torch.tensor([[0.5, 0.5], [1, 0], [0, 1]])), None, "must be one-hot"),
    "fractions": ((None, torch.tensor([0.5, 1, 2])), None, "some have a fraction"),
    "another number": ((None, torch.tensor([0, 1])), None, "one a row, of 3 rows: current shape is (2,)"),
    "no such key": ({"x": 1}, "mood", "has no 'mood'"),
}


@pytest.mark.parametrize(("batch", "label", "sentence"), REFUSED_LABELS.values(), ids=REFUSED_LABELS.keys())
def test_labels_of_a_batch_refused_as_they_are(batch: Any, label: Any, sentence: str) -> None:
    with pytest.raises(LabelsRefused) as refused:
        labels_of(batch, label, 3)
    assert sentence in str(refused.value)


def test_rows_in_memory_of_views() -> None:
    own = torch.arange(60.0).reshape(10, 6)
    assert rows_in_memory(own, [own], 10) == range(10)
    assert rows_in_memory(own.reshape(10, 2, 3), [own], 10) == range(10)
    assert list(rows_in_memory(own[3:7], [own], 10) or []) == [3, 4, 5, 6]
    assert list(rows_in_memory(own[1::3, 2:], [own], 10) or []) == [1, 4, 7]
    assert rows_in_memory(own.reshape(20, 3), [own], 10) == range(10)
    assert rows_in_memory(own[None], [own], 10) == range(10)
    assert rows_in_memory(own.T, [own], 10) == range(10)
    assert rows_in_memory(own.clone(), [own], 10) is None


def test_rows_in_memory_of_batches_that_share_a_storage() -> None:
    storage = torch.arange(60.0).reshape(10, 6)
    first, second = storage[:5], storage[5:]
    assert rows_in_memory(second, [first], 5) is None
    assert list(rows_in_memory(second[2:], [second], 5) or []) == [2, 3, 4]


def test_rows_by_value_against_the_obvious_way() -> None:
    random = np.random.default_rng(0)
    for shape in [(12, 3), (12, 300), (12, 4, 5, 6)]:
        own = torch.from_numpy(random.normal(size=shape))
        order = random.permutation(12)[: random.integers(1, 13)]
        assert list(rows_by_value([own[order].reshape(len(order), -1)], [own], 12) or []) == order.tolist()
        assert rows_by_value([own + 1e-9], [own], 12) is None
        assert rows_by_value([own.float()], [own], 12) == range(12)


def test_locate_rows_that_look_alike() -> None:
    own = row_values(torch.tensor([[1.0], [1], [2], [1]]))
    assert locate_rows(own, own) == range(4)
    assert list(locate_rows(own[1:3], own) or []) == [1, 2]
    assert locate_rows(own[:1], own) is None
    assert locate_rows(own[[0, 2, 1, 3]], own) is None


def test_row_values_leave_random_numbers_alone() -> None:
    torch.manual_seed(0)
    np.random.seed(0)
    before = torch.get_rng_state(), np.random.get_state()[1].tolist()  # type: ignore[index]
    row_values(torch.rand(4, 7919, generator=torch.Generator()))
    assert torch.equal(before[0], torch.get_rng_state()) and before[1] == np.random.get_state()[1].tolist()  # type: ignore[index]


def test_row_order_follows_items() -> None:
    items = [(torch.full((3,), float(i)), i % 2) for i in range(6)]
    order = [4, 0, 5, 1, 3, 2]
    batch = [torch.stack([items[i][0] for i in order]), torch.tensor([items[i][1] for i in order])]
    assert RowOrder().keys(list("abcdef"), items, batch) == ([*"eafbdc"], None)
    scaled = [batch[0] * 2, batch[1]]
    assert RowOrder().keys(list("abcdef"), items, scaled)[1] is not None
    assert RowOrder().keys(list("aaaaaa"), items, batch) == (["a"] * 6, None)


def test_row_order_follows_padded_sequences_and_names() -> None:
    items = [{"ids": [i + 1] * (i + 2), "name": f"n{i}"} for i in range(4)]
    longest_first = items[::-1]
    padded = torch.tensor([item["ids"] + [0] * (5 - len(item["ids"])) for item in longest_first])  # type: ignore[operator, arg-type]
    batch = {"input_ids": padded, "name": [item["name"] for item in longest_first]}
    assert RowOrder().keys([0, 1, 2, 3], items, batch) == ([3, 2, 1, 0], None)
    assert RowOrder().keys([0, 1, 2, 3], items, {"input_ids": padded}) == ([3, 2, 1, 0], None)


def test_row_order_keeps_what_a_shuffled_second_target_does_not_contradict() -> None:
    items = [(float(i), i) for i in range(4)]
    labels = torch.arange(4)
    assert RowOrder().keys([0, 1, 2, 3], items, (torch.arange(4.0), labels.flip(0), labels)) == ([0, 1, 2, 3], None)


def test_tensors_in_finds_them_in_mappings_and_objects() -> None:
    class Holder:
        def __init__(self) -> None:
            self.parts = [torch.ones(2), {"deep": torch.zeros(3)}]
            self.other = None

    assert [len(tensor) for tensor in tensors_in((Holder(), {"x": torch.ones(4)}, torch.tensor(1.0), "text"))] == [2, 3, 4]


def test_host_copy_of_bfloat16_is_exact() -> None:
    values = torch.tensor([1.0, -0.0, 3.1415927, 1e-40, 1e38, float("inf"), float("nan")]).to(torch.bfloat16)
    copied = HostCopy(values)
    values.zero_()
    expected = torch.tensor([1.0, -0.0, 3.1415927, 1e-40, 1e38, float("inf"), float("nan")]).to(torch.bfloat16).float().numpy()
    assert copied.array().view(np.uint32).tolist() == expected.view(np.uint32).tolist()


def test_host_copies_do_not_share_memory_until_released() -> None:
    first, second = HostCopy(torch.ones(3)), HostCopy(torch.zeros(3))
    assert first.array().tolist() == [1, 1, 1] and second.array().tolist() == [0, 0, 0]
    first.release()
    third = HostCopy(torch.full((3,), 2.0))
    assert second.array().tolist() == [0, 0, 0] and third.array().tolist() == [2, 2, 2]


def test_compact_takes_float16_where_it_can_hold_the_numbers() -> None:
    assert compact(np.array([[6e4, 1e-7]], np.float32)).dtype == np.float16
    assert compact(np.array([[6.1e4, 1]], np.float32)).dtype == np.float32
    assert compact(np.array([[-np.inf, 1]], np.float32)).dtype == np.float32
    assert compact(np.array([[1e-5, -1e-4]], np.float64)).dtype == np.float32
    assert compact(np.zeros((2, 3), np.float32)).dtype == np.float16


def test_logits_matrix_of_two_classes_has_the_sigmoid_as_its_softmax() -> None:
    z = np.array([[0.5], [-2]], np.float32)
    matrix = logits_matrix(z)
    softmax = np.exp(matrix) / np.exp(matrix).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(softmax[:, 1], 1 / (1 + np.exp(-z[:, 0])), rtol=1e-6)
    three = np.ones((2, 3), np.float16)
    assert logits_matrix(three).tobytes() == three.tobytes() and not np.shares_memory(logits_matrix(three), three)


def test_values_that_were_not_waited_for_are_compared_when_they_have_come() -> None:
    """As on a device, where a forward is taken to be of the only batch on its way before anybody has looked at its input."""
    iterator = (None for _ in ())
    pass_ = Pass(SimpleNamespace(name="training"), iterator)
    x = torch.arange(20.0).reshape(4, 5)
    batch = Batch(pass_, ["a", "b", "c", "d"], (x, torch.zeros(4)))

    def ids_of(given: torch.Tensor) -> Any:
        return list(Made(Match(batch, range(4), unsure=given), HostCopy(torch.rand(4, 3)), None)().ids)

    assert ids_of(x * 2) == ["a", "b", "c", "d"], "the loop may have changed it"
    assert ids_of(x.clone()) == ["a", "b", "c", "d"] and pass_.keeps_values
    assert ids_of(x[[2, 0, 3, 1]]) == ["c", "a", "d", "b"]
    with pytest.raises(RowsRefused, match="a forward of training had other values than its batch, while others had the same"):
        ids_of(x * 2)
