"""Cells that are images, as the bytes of image files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif")
_MOST_BYTES = 30 << 20


class UnreadableImage(ValueError):
    """Says why a cell is no image."""


def read_image(cell: Any, folder: Path | None) -> bytes:
    """Bytes of a JPEG, PNG, WebP or GIF file.

    Parameters
    ----------
    cell : bytes or str or dict
        The file's bytes, its path, or a dict with `bytes` or `path`.
    folder : Path, optional
        Where relative paths start.

    Raises
    ------
    UnreadableImage
        If it is none: the message ends a sentence that begins with what is read.
    """
    if isinstance(cell, dict):
        cell = cell.get("bytes") or cell.get("path")
    if cell is None:
        raise UnreadableImage("is missing")
    content = cell if isinstance(cell, bytes) else _file(str(cell), folder)
    if len(content) > _MOST_BYTES:
        raise UnreadableImage(f"has {len(content):,} bytes, more than {_MOST_BYTES:,}")
    if not content:
        raise UnreadableImage("is empty")
    if not is_image(content):
        raise UnreadableImage("is no JPEG, PNG, WebP or GIF file")
    return content


def is_image(content: bytes) -> bool:
    """Whether bytes begin as a JPEG, PNG, WebP or GIF file does."""
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")):
        return True
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


def looks_like_path(cells: Sequence[str]) -> bool:
    """Whether texts are names of image files."""
    return len(cells) > 0 and all(cell.lower().endswith(IMAGE_SUFFIXES) for cell in cells)


def _file(given: str, folder: Path | None) -> bytes:
    if given.startswith(("http://", "https://", "s3://", "gs://")):
        raise UnreadableImage("is an address: give a path or bytes")
    path = Path(given.removeprefix("file://")).expanduser()
    if folder is not None and not path.is_absolute():
        path = folder / path
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UnreadableImage(f"has {path.stat().st_size:,} bytes, more than {_MOST_BYTES:,}")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableImage(f"cannot be read: {error.strerror or error}") from error
