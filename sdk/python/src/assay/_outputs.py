"""Outputs as the loop gives them: checked, and copied."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

from ._arrays import own_ids, own_matrix
from ._parts import PART_BYTES
from ._rows import PREDICTION_KINDS, SPLITS, OutputRows, Place, RowsRefused


def chosen_place(part_kind: str, split: str, epoch: Any, prediction_kind: str | None) -> Place:
    """Where rows belong.

    Raises
    ------
    RowsRefused
        If there is no such place.
    """
    if split not in SPLITS:
        raise RowsRefused(f"split must be one of {', '.join(SPLITS)}: current value is {split!r}")
    try:
        number = operator.index(epoch)
    except TypeError:
        number = -1
    if not 0 <= number < 2**31:
        raise RowsRefused(f"epoch must be an integer of at least 0: current value is {epoch!r}")
    if prediction_kind is not None and prediction_kind not in PREDICTION_KINDS:
        raise RowsRefused(f"prediction_kind must be one of {', '.join(PREDICTION_KINDS)}: current value is {prediction_kind!r}")
    return Place(part_kind, split, number, prediction_kind)


def output_rows(place: Place, ids: Any, logits: Any, probs: Any, embeddings: Any, fit: Callable[[int], None]) -> Iterator[OutputRows]:
    """Outputs as copies of ours, in pieces that make a part at most.

    Parameters
    ----------
    place : Place
        Where they belong.
    ids : sequence of str or int
        (n,).
    logits, probs : array, optional
        (n, n_classes); one of them.
    embeddings : array, optional
        (n, width).
    fit : callable
        Checks the number of classes.

    Raises
    ------
    RowsRefused
        If arrays do not fit; before any piece is given.
    """
    own = own_ids(ids)
    n = len(own)
    if (logits is None) == (probs is None):
        raise RowsRefused("outputs must have logits or probs, one of them")
    name = "logits" if probs is None else "probs"
    arrays = {name: own_matrix(logits if probs is None else probs, name, n)}
    fit(arrays[name].shape[1])
    if embeddings is not None:
        arrays["embedding"] = own_matrix(embeddings, "embeddings", n)
    whole = OutputRows(place, own, arrays)
    if whole.nbytes <= PART_BYTES:
        return iter([whole] if n else [])
    step = max(1, n * PART_BYTES // whole.nbytes)
    return (
        OutputRows(place, own[start : start + step], {key: array[start : start + step] for key, array in arrays.items()})
        for start in range(0, n, step)
    )
