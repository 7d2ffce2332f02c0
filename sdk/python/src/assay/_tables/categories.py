"""Columns of categories."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_MOST_VALUES = 1000
_MOST_ONE_HOT = 32


class CategoryColumn:
    """One column for each of the 32 most common values and one for all others; a missing value is a value of its own. Together they have a
    variance of one."""

    def __init__(self) -> None:
        self._counts: Counter[str | None] = Counter()
        self._values: list[str | None] = []
        self._has_others = False
        self._scale = 1.0

    def learn(self, values: pa.Array) -> None:
        """See `ColumnEncoder`."""
        if len(self._counts) <= 100 * _MOST_VALUES:
            for entry in pc.value_counts(values).to_pylist():
                self._counts[entry["values"]] += entry["counts"]

    def close(self) -> str | None:
        """See `ColumnEncoder`."""
        n, n_distinct = self._counts.total(), len(self._counts)
        if n_distinct < 2:
            return "all of its values are the same" if n else "it has no values"
        if n_distinct > _MOST_VALUES or n_distinct > max(_MOST_ONE_HOT, n / 2) or n_distinct == n:
            return f"it has {n_distinct:,} different texts in {n:,} rows"
        ranked = sorted(self._counts.items(), key=lambda item: (-item[1], item[0] or ""))
        self._values = [value for value, count in ranked[:_MOST_ONE_HOT] if count > 1]
        self._has_others = len(self._values) < n_distinct
        counts = [self._counts[value] for value in self._values]
        shares = np.array([*counts, n - sum(counts)]) / n
        spread = 1 - (shares**2).sum()
        self._scale = float(spread**-0.5) if spread > 0 else 0.0
        self._counts.clear()
        return None

    def encode(self, values: pa.Array) -> np.ndarray:
        """See `ColumnEncoder`."""
        place = {value: at for at, value in enumerate(self._values)}
        columns = np.array([place.get(value, len(self._values)) for value in values.to_pylist()], np.intp)
        one_hot = np.zeros((len(columns), len(self._values) + 1), np.float32)
        one_hot[np.arange(len(columns)), columns] = self._scale
        return one_hot if self._has_others else one_hot[:, :-1]
