"""What travels from the training loop to the buffer's thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

SPLITS = ("training", "validation", "test")
PREDICTION_KINDS = ("in_sample", "out_of_sample")


class RowsRefused(ValueError):
    """Rows that cannot be logged; the message says why."""


class Place(NamedTuple):
    """Where rows belong within a run.

    Parameters
    ----------
    part_kind : str
        ``samples`` or ``outputs``.
    split : str
        One of `SPLITS`.
    epoch : int
        From 0; 0 for samples.
    prediction_kind : str, optional
        Outputs only; None: the server's default for the split.
    """

    part_kind: str
    split: str
    epoch: int
    prediction_kind: str | None = None


class OutputArrays(NamedTuple):
    """What the model said about some samples.

    Parameters
    ----------
    ids : sequence of str or int
        (n,).
    logits : ndarray
        (n, n_classes).
    embeddings : ndarray, optional
        (n, width).
    """

    ids: Any
    logits: Any
    embeddings: Any = None


@dataclass
class OutputRows:
    """Outputs of some samples.

    Parameters
    ----------
    place : Place
        Where they belong.
    ids : ndarray of integers or list of str
        (n,).
    arrays : dict
        Column name to numbers, (n, width) each; ours, never changed.
    """

    place: Place
    ids: Any
    arrays: dict[str, np.ndarray]
    nbytes: int = field(init=False)

    def __post_init__(self) -> None:
        self.nbytes = 16 * len(self.ids) + sum(array.nbytes for array in self.arrays.values())

    def __len__(self) -> int:
        return len(self.ids)

    def signature(self) -> Any:
        """What rows of one part must have in common."""
        return self.place, tuple((name, array.dtype, array.shape[1]) for name, array in self.arrays.items())


@dataclass
class SampleRows:
    """Samples as an Arrow table."""

    place: Place
    table: pa.Table
    nbytes: int = field(init=False)

    def __post_init__(self) -> None:
        self.nbytes = self.table.nbytes

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def signature(self) -> Any:
        """What rows of one part must have in common."""
        return self.place, tuple(self.table.column_names)


@dataclass
class LaterRows:
    """Outputs that only the buffer's thread may make, for it may have to wait for them."""

    place: Place
    n_rows: int
    nbytes: int
    make: Callable[[], OutputArrays]

    def __len__(self) -> int:
        return self.n_rows


class CloseEpoch(NamedTuple):
    """No more outputs of an epoch are to be expected."""

    split: str
    epoch: int
