"""Files, whatever their compression, and what their first bytes say they are."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

COMPRESSED = (".gz", ".bz2", ".xz")
_STARTS = [
    (b"PAR1", "parquet"),
    (b"PK\x03\x04", "zip"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"ARROW1", "arrow"),
    (b"\xff\xff\xff\xff", "arrow_stream"),
    (b"SQLite format 3", "sqlite"),
]


def open_bytes(path: Path) -> IO[bytes]:
    """A file's content, decompressed if its first bytes say gzip, bzip2 or xz."""
    with path.open("rb") as file:
        start = file.read(6)
    openers: list[tuple[bytes, Callable[..., Any]]] = [(b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\x00", lzma.open)]
    opener = next((opener for magic, opener in openers if start.startswith(magic)), open)
    return io.BufferedReader(opener(path, "rb"), 1 << 20)


def kind_of(path: Path) -> str:
    """What a file is: ``csv``, ``tsv``, ``json``, ``jsonl``, ``parquet``, ``xlsx``, ``xls``, ``arrow``, ``arrow_stream``; first its bytes
    are asked, then its name.

    Raises
    ------
    ValueError
        If it is empty, or nothing that can be read.
    """
    with open_bytes(path) as file:
        start = file.read(4096)
    if not start.strip():
        raise ValueError(f'Cannot read "{path}" as it is empty')
    suffixes = [suffix.lower() for suffix in path.suffixes]
    while suffixes and suffixes[-1] in COMPRESSED:
        suffixes.pop()
    suffix = suffixes[-1] if suffixes else ""
    for magic, kind in _STARTS:
        if start.startswith(magic):
            if kind == "zip" and suffix in (".xlsx", ".xlsm"):
                return "xlsx"
            if kind in ("zip", "sqlite"):
                raise ValueError(f'Cannot read "{path}" as it is a {kind} file: give a CSV, JSON, Parquet or Excel file')
            return kind
    by_name = {".tsv": "tsv", ".tab": "tsv", ".csv": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json"}
    if suffix in by_name:
        return by_name[suffix]
    is_utf_16 = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in start and not is_utf_16:
        raise ValueError(f'Cannot read "{path}" as it is no text and no Parquet, Arrow or Excel file')
    return "json" if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") else "csv"
