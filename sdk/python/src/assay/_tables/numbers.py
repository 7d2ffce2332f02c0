"""Columns of numbers, truth values and instants."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_MISSING_SHARE = 0.05
_SAMPLE_ROWS = 20_000
_MOST_SPREAD = 8.0


class NumberColumn:
    """Standardised: (x - mean) / standard deviation, within ±8. A column whose standard deviation is made by a few extreme values (over ten
    times what its quartiles say) is centred on its median and scaled by its quartiles. Missing values are 0, and in a second column where
    more than 5 % are missing."""

    def __init__(self) -> None:
        self._n = self._n_missing = 0
        self._mean = self._squares = 0.0
        self._rng = np.random.default_rng(0)
        self._keys, self._sample = np.empty(0), np.empty(0)
        self._scale = 1.0
        self._missing_scale = 0.0

    def learn(self, values: pa.Array) -> None:
        """See `ColumnEncoder`."""
        numbers = as_numbers(values)
        known = numbers[np.isfinite(numbers)]
        self._n_missing += len(numbers) - len(known)
        if len(known) == 0:
            return
        n = self._n + len(known)
        mean, delta = known.mean(), known.mean() - self._mean
        self._squares += ((known - mean) ** 2).sum() + delta**2 * self._n * len(known) / n
        self._mean += delta * len(known) / n
        self._n = n
        self._keys = np.concatenate([self._keys, self._rng.random(len(known))])
        self._sample = np.concatenate([self._sample, known])
        if len(self._sample) > 2 * _SAMPLE_ROWS:
            kept = np.argpartition(self._keys, _SAMPLE_ROWS)[:_SAMPLE_ROWS]
            self._keys, self._sample = self._keys[kept], self._sample[kept]

    def close(self) -> str | None:
        """See `ColumnEncoder`."""
        if self._n == 0:
            return "it has no values"
        share = self._n_missing / (self._n + self._n_missing)
        if share > _MISSING_SHARE:
            self._missing_scale = float((share * (1 - share)) ** -0.5)
        deviation = float(np.sqrt(self._squares / self._n))
        if deviation <= 1e-9 * max(1e-30, abs(self._mean)):
            self._scale = 0.0
            return None if self._missing_scale else "all of its values are the same"
        low, middle, high = np.percentile(self._sample, [25, 50, 75])
        by_quartiles = (high - low) / 1.349
        if by_quartiles > 0 and deviation > 10 * by_quartiles:
            self._mean, deviation = float(middle), float(by_quartiles)
        self._scale = 1 / deviation
        self._keys = self._sample = np.empty(0)
        return None

    def encode(self, values: pa.Array) -> np.ndarray:
        """See `ColumnEncoder`."""
        numbers = as_numbers(values)
        is_known = np.isfinite(numbers)
        scaled = np.where(is_known, np.where(is_known, numbers - self._mean, 0) * self._scale, 0)
        columns = [np.clip(scaled, -_MOST_SPREAD, _MOST_SPREAD)]
        if self._missing_scale:
            columns.append(~is_known * self._missing_scale)
        return np.stack(columns, axis=1).astype(np.float32)


def as_numbers(values: pa.Array) -> np.ndarray:
    """Numbers, truth values, instants (seconds) and durations (seconds) as float64; NaN where missing, (n,)."""
    type_ = values.type
    if pa.types.is_null(type_):
        return np.full(len(values), np.nan)
    if pa.types.is_boolean(type_):
        values = pc.cast(values, pa.int8())
    elif pa.types.is_temporal(type_):
        values = _seconds(values)
    return np.asarray(pc.cast(values, pa.float64(), safe=False).to_numpy(zero_copy_only=False), np.float64)


def _seconds(values: pa.Array) -> pa.Array:
    type_ = values.type
    if pa.types.is_date32(type_):
        return pc.multiply(pc.cast(pc.cast(values, pa.int32()), pa.float64()), 86400.0)
    unit = "ms" if pa.types.is_date64(type_) else type_.unit
    whole = pc.cast(values, pa.int32() if pa.types.is_time32(type_) else pa.int64())
    return pc.divide(pc.cast(whole, pa.float64(), safe=False), {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[unit])
