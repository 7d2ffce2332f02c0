"""How a CSV file is written: its encoding, its delimiter, its header."""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from .files import open_bytes
from .source import unique_names

_CHUNK_BYTES = 1 << 22
_SAMPLE_BYTES = 120_000
_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Dialect:
    """How a CSV file is written.

    Attributes
    ----------
    encoding : str
        Name of the codec.
    delimiter : str
        One character.
    skip_lines : int
        Lines before the header.
    names : tuple of str
        Columns, unique and not empty.
    notes : tuple of str
        What was guessed that may be wrong.
    """

    encoding: str
    delimiter: str
    skip_lines: int
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()


def dialect_of(path: Path, *, encoding: str | None = None, delimiter: str | None = None) -> Dialect:
    """Find out how a CSV file is written.

    Parameters
    ----------
    path : Path
        The file, perhaps compressed.
    encoding, delimiter : str, optional
        What is known already.

    Raises
    ------
    ValueError
        If it is not in the encoding that was given, or has no header.
    """
    notes = []
    if encoding is None:
        encoding, note = _encoding_of(path)
        notes += [note] if note else []
    else:
        _check_encoding(path, encoding)
    with open_bytes(path) as file:
        start = file.read(_SAMPLE_BYTES)
    text = codecs.getincrementaldecoder(encoding)("strict").decode(start).lstrip("\ufeff")
    is_whole = len(start) < _SAMPLE_BYTES
    skip_lines, text = _skip_before_header(text)
    told = re.match(r"sep=(.)\r?\n", text)
    if told:
        delimiter = delimiter or told[1]
        skip_lines, text = skip_lines + 1, text[told.end() :]
    delimiter = delimiter or _delimiter_of(text, is_whole)
    header = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), None)
    if not header:
        raise ValueError(f'Cannot read "{path}" as it has no header')
    return Dialect(encoding, delimiter, skip_lines, tuple(unique_names(header)), tuple(notes))


def _encoding_of(path: Path) -> tuple[str, str | None]:
    with open_bytes(path) as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", None
    bad = _first_bad_byte(path, "utf-8")
    if bad is None:
        return "utf-8", None
    at, byte = bad
    return "latin-1", f"{path.name} is not UTF-8 (byte 0x{byte:02x} at {at:,}) and was read as latin-1: give encoding= if that is wrong"


def _check_encoding(path: Path, encoding: str) -> None:
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise ValueError(f'Cannot read "{path}" as "{encoding}" is no encoding that Python knows') from None
    bad = _first_bad_byte(path, encoding)
    if bad is not None:
        at, byte = bad
        raise ValueError(f'Cannot read "{path}" as {encoding}: byte 0x{byte:02x} at {at:,} is not allowed there; try encoding="latin-1"')


def _first_bad_byte(path: Path, encoding: str) -> tuple[int, int] | None:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    read = 0
    with open_bytes(path) as file:
        while True:
            chunk = file.read(_CHUNK_BYTES)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return read - pending + error.start, error.object[error.start]
            if not chunk:
                return None
            read += len(chunk)


def _skip_before_header(text: str) -> tuple[int, str]:
    lines = 0
    while match := re.match(r"[ \t]*\r?\n", text):
        lines, text = lines + 1, text[match.end() :]
    return lines, text


def _delimiter_of(text: str, is_whole: bool) -> str:
    best, most = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
        if not is_whole and len(rows) > 1:
            rows.pop()
        width = len(rows[0]) if rows else 0
        if width < 2:
            continue
        share = sum(len(row) == width for row in rows) / len(rows)
        if (share, width) > most:
            best, most = delimiter, (share, width)
    return best
