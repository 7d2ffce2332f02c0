"""Names that tables have for splits."""

from __future__ import annotations

_SPLITS = {
    "training": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev", "development"),
    "test": ("test", "testing", "eval", "evaluation"),
}


def split_named(name: str | None) -> str | None:
    """The split that a table calls `name`: ``"Val"`` is ``"validation"``; None if it is none."""
    word = (name or "").strip().lower()
    return next((split for split, words in _SPLITS.items() if word in words), None)
