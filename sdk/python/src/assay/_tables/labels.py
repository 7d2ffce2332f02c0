"""Given labels: which there are, and whether they are labels at all."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .to_arrow import as_text
from .written import without_missing

_MOST_CLASSES = 10_000
_MOST_NUMBERS = 1000
_MOST_FRACTIONS = 100
_MOST_CHARACTERS = 500
_FEW = 20


class Labels:
    """Label values of a table, gathered batch by batch.

    Parameters
    ----------
    column : str
        Name of the column, for messages.
    """

    def __init__(self, column: str) -> None:
        self._column = column
        self._counts: Counter[str] = Counter()
        self._names: tuple[str, ...] = ()
        self.n_unlabelled = 0

    def add(self, values: pa.Array) -> None:
        """Take the next rows.

        Raises
        ------
        ValueError
            If there are too many different ones.
        """
        written = self._written(values)
        self.n_unlabelled += written.null_count
        for entry in pc.value_counts(written.drop_null()).to_pylist():
            self._counts[entry["values"]] += entry["counts"]
        if len(self._counts) > _MOST_CLASSES:
            raise ValueError(f"{self._cannot()}: there are more than {_MOST_CLASSES:,} different values; this looks like an id or a text")

    def close(self) -> tuple[str, ...]:
        """Names of the classes: numbers in their order, else by character.

        Raises
        ------
        ValueError
            If there are too many, too few or too long ones.
        """
        n, n_distinct = sum(self._counts.values()), len(self._counts)
        if n == 0:
            raise ValueError(f"{self._cannot()}: it has no value in any row")
        if n_distinct == 1:
            raise ValueError(
                f'{self._cannot()}: all {n:,} labelled rows have the one label "{next(iter(self._counts))}", so none can be wrong'
            )
        longest = max(self._counts, key=len)
        if len(longest) > _MOST_CHARACTERS:
            raise ValueError(f"{self._cannot()}: a label may have at most {_MOST_CHARACTERS} characters, and one has {len(longest):,}")
        numbers = [_number(name) for name in self._counts]
        are_numbers = all(number is not None for number in numbers)
        has_fractions = are_numbers and any(number != int(number) for number in numbers if number is not None)
        most = n / 2 if n_distinct > _FEW else n - 1 if n > 2 else n
        if are_numbers and (n_distinct > min(_MOST_NUMBERS, most) or (has_fractions and n_distinct > _MOST_FRACTIONS)):
            raise ValueError(
                f"{self._cannot()}: it has {n_distinct:,} different numbers in {n:,} rows; this looks like regression or an id"
            )
        if n_distinct > most:
            raise ValueError(f"{self._cannot()}: it has {n_distinct:,} different values in {n:,} rows; this looks like an id or a text")
        self._names = tuple(sorted(self._counts, key=lambda name: (_number(name), name)) if are_numbers else sorted(self._counts))
        return self._names

    @property
    def notes(self) -> list[str]:
        """What is odd about them, in sentences."""
        notes = []
        if self.n_unlabelled:
            notes.append(f'{self.n_unlabelled:,} rows have no label in "{self._column}": they are logged as unlabelled')
        folded: dict[str, list[str]] = {}
        for name in self._names:
            folded.setdefault(name.casefold(), []).append(name)
        for same in folded.values():
            if len(same) > 1:
                notes.append(f"Labels that differ in capitals alone are classes of their own: {', '.join(map(repr, same))}")
        rare = [name for name in self._names if self._counts[name] < _FEW]
        if rare:
            shown = ", ".join(f'"{name}" ({self._counts[name]})' for name in rare[:5])
            more = f" and {len(rare) - 5} more" if len(rare) > 5 else ""
            notes.append(f"Classes with fewer than {_FEW} rows can hardly be judged: {shown}{more}")
        return notes

    def indices(self, values: pa.Array) -> list[int | None]:
        """Index of each row's label; None where unlabelled, (n,)."""
        written = self._written(values)
        found: list[int | None] = pc.index_in(written, value_set=pa.array(self._names, written.type)).to_pylist()
        return found

    def _written(self, values: pa.Array) -> pa.Array:
        type_ = values.type
        if pa.types.is_boolean(type_):
            values = pc.if_else(values, "True", "False")
        elif pa.types.is_floating(type_):
            values = _of_floats(values)
        elif pa.types.is_decimal(type_) or pa.types.is_nested(type_) or pa.types.is_binary(type_) or pa.types.is_large_binary(type_):
            values = pa.array([None if value is None else as_text(value) for value in values.to_pylist()], pa.large_string())
        return without_missing(pc.cast(values, pa.large_string()))

    def _cannot(self) -> str:
        return f'Cannot take column "{self._column}" as labels'


def _of_floats(values: pa.Array) -> pa.Array:
    numbers = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    texts = [None if not np.isfinite(x) else str(int(x)) if x == int(x) and abs(x) < 2**53 else repr(float(x)) for x in numbers]
    return pa.array(texts, pa.large_string())


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) and "_" not in text else None
