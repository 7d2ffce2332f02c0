"""Samples as Arrow tables, a slice at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ._arrays import as_numpy, own_ids, own_matrix
from ._arrow import fixed_size_list, id_array
from ._images import image_content
from ._rows import Place, RowsRefused, SampleRows

if TYPE_CHECKING:
    import pyarrow as pa

RESERVED = ("id", "label", "text", "image", "features")

_ROWS = 5_000
_ROWS_WITH_IMAGES = 50


def sample_rows(
    ids: Any,
    labels: list[str | int | None] | None,
    split: str,
    texts: Any,
    images: Any,
    features: Any,
    metadata: Mapping[str, Any] | None,
) -> Iterator[SampleRows]:
    """Samples, some thousands at a time.

    Raises
    ------
    RowsRefused
        If a column has another length than the ids, or holds what cannot be logged.
    """
    import pyarrow as pa

    own = own_ids(ids)
    n = len(own)
    metadata = {} if metadata is None else dict(metadata.items())  # a DataFrame has columns, but no truth value
    columns = [("labels", labels), ("texts", texts), ("images", images), ("features", features), *metadata.items()]
    for name, column in columns:
        if column is not None and len(column) != n:
            raise RowsRefused(f"{name} must have {n} entries, one for each id: current length is {len(column)}")
    for name in metadata:
        if not isinstance(name, str) or not name or name in RESERVED:
            raise RowsRefused(f"a metadata column must have a name that is not one of {', '.join(RESERVED)}: current value is {name!r}")
    texts = None if texts is None else _plain(texts)
    images = None if images is None else _sequence(images)
    matrix = None if features is None else own_matrix(features, "features", n)
    metadata = {name: _plain(column) for name, column in metadata.items()}
    label_type = pa.string() if any(isinstance(label, str) for label in labels or []) else pa.int64()
    step = _ROWS if images is None else _ROWS_WITH_IMAGES
    for start in range(0, n, step):
        cut = slice(start, start + step)
        made: dict[str, Any] = {"id": id_array(own[cut])}
        if labels is not None:
            made["label"] = pa.array(labels[cut], label_type)
        if texts is not None:
            made["text"] = _texts(texts[cut])
        if images is not None:
            made["image"] = _images(images[cut], start)
        if matrix is not None:
            made["features"] = fixed_size_list(matrix[cut])
        for name, column in metadata.items():
            made[name] = _metadata(column[cut], name)
        yield SampleRows(Place("samples", split, 0), pa.table(made))


def _sequence(column: Any) -> Any:
    return column if isinstance(column, (list, tuple)) or hasattr(column, "ndim") and not hasattr(column, "iloc") else list(column)


def _plain(column: Any) -> Any:
    """A column that can be cut, and that Arrow takes."""
    if isinstance(column, (list, tuple)):
        return column
    array = as_numpy(column)
    return array if array.dtype.kind in "iuf" and array.ndim == 1 else array.tolist() if array.dtype.kind in "OUSb" else list(column)


def _texts(column: Any) -> pa.Array:
    import pyarrow as pa

    try:
        return pa.array(column, pa.large_string(), from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeError) as error:
        raise RowsRefused(f"texts must be strings or None: {error}") from error


def _images(column: Any, start: int) -> pa.Array:
    import pyarrow as pa

    contents = [image_content(image, start + row) for row, image in enumerate(column)]
    kinds = {type(content) for content in contents if content is not None}
    if len(kinds) > 1:
        raise RowsRefused("images must be all URIs or all contents: current value has both")
    return pa.array(contents, pa.large_string() if kinds == {str} else pa.large_binary())


def _metadata(column: Any, name: str) -> pa.Array:
    import pyarrow as pa

    try:
        array = pa.array(column, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError, UnicodeError):
        array = pa.array([None if _is_missing(value) else str(value) for value in column], pa.string())
    types = pa.types
    kind = array.type
    if types.is_temporal(kind) or types.is_dictionary(kind):
        return array.cast(pa.string())
    if types.is_decimal(kind):
        return array.cast(pa.float64())
    if types.is_binary(kind) or types.is_large_binary(kind):
        raise RowsRefused(f'metadata column "{name}" must hold numbers, strings, booleans or lists: current type is {kind}')
    return array


def _is_missing(value: Any) -> bool:
    return value is None or value != value or type(value).__name__ in ("NAType", "NaTType")
