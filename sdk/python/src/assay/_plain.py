"""Numbers of numpy and its like, as JSON takes them."""

from __future__ import annotations

from typing import Any


def plain(value: Any) -> Any:
    """What JSON takes: a number or lists of an array, else the value itself."""
    return value.tolist() if hasattr(value, "tolist") else value
