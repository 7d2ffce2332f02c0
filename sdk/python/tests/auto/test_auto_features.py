"""Columns of a table as numbers on one scale."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from assay._tables.features import Features

N = 400
RNG = np.random.default_rng(2)


def encoded(**columns: Any) -> np.ndarray:
    arrays = {name: values if isinstance(values, pa.Array) else pa.array(values) for name, values in columns.items()}
    features = Features({name: array.type for name, array in arrays.items()})
    for start in range(0, N, 150):
        features.learn({name: array.slice(start, 150) for name, array in arrays.items()})
    features.close()
    found = np.vstack([features.encode({name: array.slice(start, 90) for name, array in arrays.items()}) for start in range(0, N, 90)])
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    return found


def spread(columns: np.ndarray) -> float:
    return float(columns.var(0).sum())


@pytest.mark.parametrize(
    "values",
    [
        RNG.normal(5000, 3, N),
        RNG.integers(0, 100, N),
        (RNG.normal(size=N) * 1e-6).astype(np.float32),
        pa.array([datetime.datetime(2024, 1, 1) + datetime.timedelta(hours=int(h)) for h in range(N)]),
        pa.array([datetime.date(2024, 1, 1) + datetime.timedelta(days=int(d)) for d in range(N)]),
        pa.array([datetime.time(h % 24) for h in range(N)]),
        pa.array([datetime.timedelta(seconds=s) for s in range(N)]),
        RNG.random(N) > 0.25,
    ],
)
def test_numbers_truth_values_and_instants_are_standardised(values: Any) -> None:
    column = encoded(x=values)
    assert column.shape == (N, 1)
    assert column.mean() == pytest.approx(0, abs=1e-4)
    assert column.std() == pytest.approx(1, abs=1e-3)


def test_a_number_beyond_all_measure_does_not_hide_the_others() -> None:
    values = RNG.normal(size=N)
    values[7] = 1e12
    column = encoded(x=values)[:, 0]
    assert column[7] == 8
    assert np.delete(column, 7).std() == pytest.approx(1, abs=0.1)


def test_missing_numbers_are_the_mean_and_a_column_of_their_own_where_many() -> None:
    values = RNG.normal(3, 2, N)
    few, many = values.copy(), values.copy()
    few[:10], many[::4] = np.nan, np.inf
    assert encoded(x=few).shape == (N, 1)
    columns = encoded(x=many)
    assert columns.shape == (N, 2)
    assert (columns[::4, 0] == 0).all()
    assert columns[:, 1].std() == pytest.approx(1, abs=1e-3)
    assert len(set(columns[::4, 1])) == 1


def test_categories_have_a_variance_of_one_together() -> None:
    columns = encoded(x=RNG.choice(["a", "b", "c"], N, p=[0.7, 0.2, 0.1]))
    assert columns.shape == (N, 3)
    assert ((columns > 0).sum(1) == 1).all()
    assert spread(columns) == pytest.approx(1, abs=1e-4)


def test_rare_categories_share_a_column_and_missing_ones_have_theirs() -> None:
    values = [["a", "b", None][at % 3] for at in range(N - 2)] + ["only once", "once too"]
    columns = encoded(x=values)
    assert columns.shape == (N, 4)
    assert (columns[-1] == columns[-2]).all()
    many = encoded(x=[f"v{at % 50}" for at in range(N)])
    assert many.shape == (N, 33)


def test_lists_of_numbers_are_divided_by_one_number() -> None:
    vectors = RNG.normal(size=(N, 4)) * [1, 2, 3, 4]
    columns = encoded(x=pa.array(list(vectors)))
    assert columns.var(0).mean() == pytest.approx(1, abs=1e-4)
    assert columns.std(0) / columns[:, :1].std(0) == pytest.approx(vectors.std(0) / vectors[:, 0].std(), rel=1e-4)
    ragged = [list(v) for v in vectors]
    ragged[3], ragged[5] = [1.0], None
    assert (encoded(x=pa.array(ragged))[[3, 5]] == 0).all()


def test_columns_that_tell_nothing_are_left_out_and_named(auto: Any) -> None:
    rows = {
        "label": ["a", "b"] * (N // 2),
        "x": RNG.normal(size=N),
        "same": [3.5] * N,
        "empty": pa.nulls(N, pa.float64()),
        "name": [f"person {at}" for at in range(N)],
    }
    result = auto(rows, label="label", features=["x", "same", "empty", "name"])
    assert result.run.features.shape == (N, 1)
    told = " ".join(result.notes)
    for sentence in (
        '"same" is left out: all of its values',
        '"empty" is left out: it has no values',
        '"name" is left out: it has 400 different texts',
    ):
        assert sentence in told


def test_a_column_that_cannot_be_numbers_is_refused(auto: Any) -> None:
    with pytest.raises(ValueError, match='column "x" as features: it must be numbers'):
        auto({"label": ["a", "b"] * 10, "x": [b"1"] * 20}, label="label", features="x")
