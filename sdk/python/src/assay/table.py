"""Ranked samples as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class SampleTable:
    """Ranked samples, worst first."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._rows = list(rows)

    def __len__(self) -> int:
        return len(self._rows)
