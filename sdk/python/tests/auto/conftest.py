"""`auto` with a run that only remembers what it was given."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

from assay import SampleTable

auto_module = importlib.import_module("assay.auto")


class FakeRun:
    """Remembers what was logged, as whole columns over all calls."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        self.url = "http://127.0.0.1:1/runs/1"
        self.calls: list[dict[str, Any]] = []
        self.finished: list[bool | str] = []
        self.answer: dict[str, Any] = {}
        self.rows: list[dict[str, Any]] = []

    def log_dataset(self, ids: Any, labels: Any = None, **columns: Any) -> None:
        self.calls.append({"ids": ids, "labels": labels, **columns})

    def finish(self, *, wait: bool = False, incomplete: bool = False) -> str:
        self.finished.append("incomplete" if incomplete else wait)
        return "report"

    def summary(self) -> dict[str, Any]:
        return self.answer

    def worst(self, n: int = 50, **conditions: Any) -> SampleTable:
        return SampleTable(self.rows[:n])

    @property
    def ids(self) -> list[Any]:
        return [id_ for call in self.calls for id_ in call["ids"]]

    @property
    def labels(self) -> list[str | None]:
        """Names of the labels that were logged."""
        names = self.options["label_names"]
        return [None if at is None else names[at] for call in self.calls for at in call["labels"]]

    @property
    def features(self) -> np.ndarray:
        return np.vstack([call["features"] for call in self.calls])

    def column(self, name: str) -> list[Any]:
        return [value for call in self.calls for value in call[name]]

    def metadata(self, name: str) -> list[Any]:
        return [value for call in self.calls for value in call["metadata"][name]]


@pytest.fixture
def auto(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`assay.auto` whose result's `run` is a `FakeRun`."""
    monkeypatch.setattr(auto_module, "init", lambda name=None, **options: FakeRun({"name": name, **options}))
    return auto_module.auto
