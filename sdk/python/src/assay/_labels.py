"""Given labels: names, indices, or none."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._arrays import as_numpy
from ._rows import RowsRefused


def plain_labels(labels: Any) -> list[str | int | None]:
    """Labels as names, indices and None.

    Parameters
    ----------
    labels : sequence of str, int or None
        (n,). None, NaN and negative indices mean unlabelled. Whole floats and booleans are indices.

    Returns
    -------
    labels : list
        (n,). All names, or all indices, beside None.

    Raises
    ------
    RowsRefused
        If one is none of these, or names and indices are mixed.
    """
    if not isinstance(labels, (list, tuple)):
        array = as_numpy(labels)
        if array.ndim != 1:
            raise RowsRefused(f"labels must be one-dimensional: current shape is {array.shape}")
        labels = array.tolist()
    plain = [_plain_label(label, row) for row, label in enumerate(labels)]
    if len({type(label) for label in plain if label is not None}) > 1:
        raise RowsRefused("labels must be all names or all indices: current value has both")
    return plain


def _plain_label(label: Any, row: int) -> str | int | None:
    if label is None or isinstance(label, str):
        return None if label is None else str(label)
    if isinstance(label, (bool, np.bool_, int, np.integer)):
        return int(label) if label >= 0 else None
    if isinstance(label, (float, np.floating)):
        if label != label:
            return None
        if float(label).is_integer():
            return int(label) if label >= 0 else None
    if type(label).__name__ in ("NAType", "NaTType"):
        return None
    if getattr(label, "ndim", None) == 0 and hasattr(label, "item"):
        return _plain_label(label.item(), row)
    raise RowsRefused(f"labels[{row}] must be a name, an index or None: current value is {label!r}")
