"""A training as Assay sees it: `init`, log samples once and outputs with every batch, `finish`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import uuid4

import numpy as np


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
    logits: np.ndarray
    embeddings: np.ndarray | None = None


@dataclass
class FinishReport:
    """What a run came to on this machine."""

    run_id: str
    url: str | None = None
    rows_logged: int = 0
    rows_refused: int = 0


_current: Run | None = None


def init(
    name: str | None = None,
    *,
    project: str | None = None,
    dataset: str | None = None,
    label_names: Sequence[str] | None = None,
    n_classes: int | None = None,
    metadata_schema: Mapping[str, Any] | None = None,
    run_id: str | None = None,
    writer: str = "0",
    writers: int = 1,
    generation: int | None = None,
    url: str | None = None,
    api_key: str | None = None,
    mode: str | None = None,
) -> Run:
    """Start a run and make it the current one."""
    global _current
    _current = Run(name, label_names, run_id, writer, writers, generation)
    return _current


class Run:
    """A training as Assay sees it. Use `init`."""

    def __init__(self, name: Any, label_names: Any, run_id: Any, writer: str, writers: int, generation: Any) -> None:
        self.id = run_id or str(uuid4())
        self.name = name or self.id[:8]
        self.writer, self.writers, self.generation = writer, writers, generation or 0
        self.label_names: tuple[str, ...] | None = tuple(label_names) if label_names else None
        self.url: str | None = None
        self._in_memory: list[tuple[str, dict[str, Any]]] = []
        self._refused: list[tuple[int, str]] = []

    def declare_classes(self, label_names: Sequence[str]) -> None:
        """Name the classes in logit order, before the first rows are sent."""
        self.label_names = tuple(label_names)

    def log_dataset(
        self,
        ids: Any,
        labels: Any = None,
        *,
        split: str = "training",
        texts: Any = None,
        images: Any = None,
        features: Any = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """Log samples as columns of equal length."""
        self._in_memory.append(("samples", dict(ids=ids, labels=labels, split=split, texts=texts, images=images, features=features, metadata=metadata)))

    def log_outputs(
        self,
        ids: Any,
        logits: Any = None,
        *,
        probs: Any = None,
        embeddings: Any = None,
        epoch: int,
        split: str = "training",
        prediction_kind: str | None = None,
    ) -> None:
        """Log what the model said about some samples, a batch or all of them."""
        self._in_memory.append(("outputs", dict(ids=ids, logits=logits, probs=probs, embeddings=embeddings, epoch=epoch, split=split)))

    def log_outputs_later(self, n_rows: int, nbytes: int, make: Callable[[], OutputArrays], *, epoch: int, split: str) -> None:
        """Log outputs that `make` gives on the buffer's thread."""
        arrays = OutputArrays(*make())
        self.log_outputs(arrays.ids, arrays.logits, embeddings=arrays.embeddings, epoch=epoch, split=split)

    def close_epoch(self, split: str, epoch: int) -> None:
        """Say that no more rows of an epoch are to be expected."""

    def note_refused(self, n_rows: int, sentence: str) -> None:
        """Count rows that cannot be logged."""
        self._refused.append((n_rows, sentence))

    def finish(self, *, wait: bool = False, incomplete: bool = False, timeout_s: float | None = None) -> FinishReport:
        """Send what is left and close the run."""
        return FinishReport(self.id, self.url, rows_refused=sum(n for n, _ in self._refused))

    def worst(self, n: int = 50, **filter: Any) -> Any:
        """Read the worst samples, worst first."""
        raise NotImplementedError

    def summary(self) -> dict[str, Any]:
        """Read what the run came to."""
        raise NotImplementedError


def current_run() -> Run | None:
    """The run that the module's functions log to; None before `init`."""
    return _current


def log_dataset(ids: Any, labels: Any = None, **columns: Any) -> None:
    """`Run.log_dataset` of the current run."""
    _needed().log_dataset(ids, labels, **columns)


def log_outputs(ids: Any, logits: Any = None, **rest: Any) -> None:
    """`Run.log_outputs` of the current run."""
    _needed().log_outputs(ids, logits, **rest)


def finish(**options: Any) -> FinishReport | None:
    """`Run.finish` of the current run; nothing without one."""
    return _current.finish(**options) if _current else None


def worst(n: int = 50, **filter: Any) -> Any:
    """`Run.worst` of the current run."""
    return _needed().worst(n, **filter)


def _needed() -> Run:
    if _current is None:
        raise RuntimeError("Cannot log as no run was started: call assay.init() first")
    return _current
