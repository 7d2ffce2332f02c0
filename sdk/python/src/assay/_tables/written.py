"""What the cells of a text file mean: numbers, truth values, instants, or just text."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL")
_MISSING_NUMBERS = (*MISSING, "None", "-", "?", "#N/A")
_TRUE = ("true", "True", "TRUE")
_FALSE = ("false", "False", "FALSE")


def without_missing(values: pa.Array, missing: tuple[str, ...] = MISSING) -> pa.Array:
    """Cells without blanks around, null where one stands for no value."""
    trimmed = pc.utf8_trim_whitespace(values)
    return pc.if_else(pc.is_in(trimmed, value_set=pa.array(missing, trimmed.type)), pa.scalar(None, trimmed.type), trimmed)


def _as_bool(values: pa.Array) -> pa.Array:
    known = pc.is_in(values, value_set=pa.array(_TRUE + _FALSE, values.type))
    if not pc.all(pc.or_(known, pc.is_null(values))).as_py():
        raise pa.ArrowInvalid("no truth values")
    is_true = pc.is_in(values, value_set=pa.array(_TRUE, values.type))
    return pc.if_else(pc.is_null(values), pa.scalar(None, pa.bool_()), is_true)


def _as_comma_number(values: pa.Array) -> pa.Array:
    return pc.cast(pc.replace_substring(values, ",", "."), pa.float64())


_MEANINGS: dict[str, tuple[pa.DataType, Callable[[pa.Array], pa.Array]]] = {
    "int": (pa.int64(), lambda values: pc.cast(values, pa.int64())),
    "float": (pa.float64(), lambda values: pc.cast(values, pa.float64())),
    "comma": (pa.float64(), _as_comma_number),
    "bool": (pa.bool_(), _as_bool),
    "time": (pa.timestamp("us"), lambda values: pc.cast(values, pa.timestamp("us"))),
    "instant": (pa.timestamp("us", "UTC"), lambda values: pc.cast(values, pa.timestamp("us", "UTC"))),
}


class Meaning:
    """What the cells of one column mean, found batch by batch: the first of integers, numbers, numbers with a decimal comma, truth values
    and instants that all of them can be; else text."""

    def __init__(self) -> None:
        self._left = list(_MEANINGS)
        self._has_values = False

    def add(self, values: pa.Array) -> None:
        """Look at the next cells."""
        if not self._left:
            return
        known = without_missing(values, _MISSING_NUMBERS).drop_null()
        if len(known) == 0:
            return
        self._has_values = True
        self._left = [name for name in self._left if _fits(name, known)]

    @property
    def type(self) -> pa.DataType:
        """Type of the column; null if no cell has a value."""
        if not self._has_values:
            return pa.null()
        return _MEANINGS[self._left[0]][0] if self._left else pa.string()

    def read(self, values: pa.Array) -> pa.Array:
        """The cells as what they mean."""
        if not self._has_values:
            return pa.nulls(len(values))
        if not self._left:
            return without_missing(values, ("",))
        return _MEANINGS[self._left[0]][1](without_missing(values, _MISSING_NUMBERS))


def _fits(name: str, known: pa.Array) -> bool:
    convert = _MEANINGS[name][1]
    try:
        convert(known.slice(0, 16))
        convert(known)
    except pa.ArrowInvalid:
        return False
    return True
