"""Arrow arrays from their buffers: without a copy, and without the pandas that `pyarrow.array` loads where it is installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa


def id_array(ids: Any) -> pa.Array:
    """Ids as integers or strings.

    Parameters
    ----------
    ids : ndarray of integers or list of str
        (n,).
    """
    return number_array(ids) if isinstance(ids, np.ndarray) else string_array(ids)


def number_array(values: np.ndarray) -> pa.Array:
    """Numbers (n,), which are not copied if they are contiguous."""
    import pyarrow as pa

    values = np.ascontiguousarray(values)
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(values)])


def string_array(texts: Sequence[str]) -> pa.Array:
    """Strings (n,).

    Raises
    ------
    UnicodeEncodeError
        If one is half a character.
    """
    import pyarrow as pa

    encoded = [text.encode() for text in texts]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(content) for content in encoded], out=offsets[1:])
    return pa.Array.from_buffers(pa.large_string(), len(encoded), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))])


def fixed_size_list(matrix: np.ndarray) -> pa.Array:
    """A matrix (n, width) as n lists."""
    import pyarrow as pa

    return pa.FixedSizeListArray.from_arrays(number_array(matrix.reshape(-1)), matrix.shape[1])
