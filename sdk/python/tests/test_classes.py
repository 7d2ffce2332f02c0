from __future__ import annotations

import pytest

from assay._classes import Classes
from assay._rows import RowsRefused


def classes(names: list[str] | None = None) -> tuple[Classes, list[tuple[str, ...]]]:
    settled: list[tuple[str, ...]] = []
    return Classes(names, settled.append), settled


def test_indices_that_count_from_one_are_not_taken_for_others() -> None:
    classes = Classes(None, lambda names: None)
    classes.see([1, 2, 3])
    with pytest.raises(RowsRefused, match="count from 0, but were 1 to 3 for logits of width 3: log them by name"):
        classes.fit(3)
    assert classes.names is None
    classes.fit(4)


def test_one_output_for_two_classes_is_refused_with_the_way_out() -> None:
    classes = Classes(None, lambda names: None)
    with pytest.raises(RowsRefused, match=r"column for each class.*width is 1.*column_stack\(\[1 - p, p\]\)"):
        classes.fit(1)
    assert classes.names is None


def test_given_names_hold_and_logits_must_fit_them() -> None:
    made, settled = classes(["a", "b"])
    made.fit(2)
    made.declare(["a", "b"])
    assert settled == [("a", "b")]
    with pytest.raises(RowsRefused, match="2 columns.*current width is 3"):
        made.fit(3)
    with pytest.raises(ValueError, match='"a", "b", asked for "b", "a"'):
        made.declare(["b", "a"])


def test_the_first_logits_give_numbers_as_names() -> None:
    made, settled = classes()
    made.see([0, 1, None])
    made.fit(3)
    assert settled == [("0", "1", "2")]
    assert not made.assumed_order


def test_labels_by_name_give_names_in_alphabetical_order() -> None:
    made, settled = classes()
    made.see(["spam", None, "ham"])
    made.fit(2)
    assert settled == [("ham", "spam")]
    assert made.assumed_order


def test_labels_by_name_must_be_as_many_as_logits() -> None:
    made, settled = classes()
    made.see(["spam", "ham"])
    with pytest.raises(RowsRefused, match="pass label_names"):
        made.fit(3)
    assert settled == []


@pytest.mark.parametrize(("labels", "names"), [(["b", "a"], ("a", "b")), ([0, 2], ("0", "1", "2")), ([None], None)])
def test_without_logits_labels_give_the_names(labels: list[str | int | None], names: tuple[str, ...] | None) -> None:
    made, _ = classes()
    made.see(labels)
    made.settle()
    assert made.names == names


def test_labels_of_no_class_are_told() -> None:
    made, _ = classes(["a", "b"])
    assert made.see(["a", "c", None]) == ["c"]
    assert made.see([0, 2]) == ["2"]


@pytest.mark.parametrize(("names", "rule"), [([], "1 to 10000"), (["a", "a"], "unique"), ([""], "1 to 500"), (["x" * 501], "1 to 500")])
def test_unusable_names_raise(names: list[str], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        classes(names)
