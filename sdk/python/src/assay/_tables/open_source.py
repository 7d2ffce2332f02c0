"""Whatever `auto` was given, as a table."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from .source import Source
from .to_arrow import TAKEN, open_in_memory


def open_source(given: Any, *, encoding: str | None = None, delimiter: str | None = None) -> Source:
    """Open a table.

    Parameters
    ----------
    given : DataFrame, pyarrow.Table, dict, list or path
        See `assay.auto`.
    encoding, delimiter : str, optional
        Of a CSV file; default: found out.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TypeError, ValueError
        If it is no table.
    """
    if isinstance(given, (str, os.PathLike)):
        return _open_path(given, encoding, delimiter)
    return open_in_memory(given)


def _open_path(given: str | os.PathLike[str], encoding: str | None, delimiter: str | None) -> Source:
    text = os.fspath(given)
    if "://" in text:
        raise ValueError(f'Cannot read "{text}" as only files of this machine are read: download it first, or give a DataFrame')
    path = Path(text).expanduser()
    if not path.exists():
        raise FileNotFoundError(f'Cannot read "{text}" as there is no such file or folder: give {TAKEN}')
    if path.is_dir():
        return _open_folder(path)
    from .files import kind_of

    kind = kind_of(path)
    if kind in ("csv", "tsv"):
        from .csv_source import CsvSource

        return CsvSource(path, encoding=encoding, delimiter=delimiter or ("\t" if kind == "tsv" else None))
    if kind in ("json", "jsonl"):
        from .json_source import open_json

        return open_json(path, is_lines=kind == "jsonl")
    if kind == "xlsx":
        from .excel_source import open_excel

        return open_excel(path)
    if kind == "xls":
        raise ValueError(f'Cannot read "{text}" as it is a workbook of Excel 2003 or earlier: save it as .xlsx or .csv')
    if kind == "arrow_stream":
        import pyarrow as pa

        from .source import TableSource

        with pa.memory_map(str(path)) as file:
            return TableSource(path.name, pa.ipc.open_stream(file).read_all())
    from .parquet_source import ParquetSource

    return ParquetSource(path, "ipc" if kind == "arrow" else "parquet")


def _open_folder(folder: Path) -> Source:
    if any(folder.rglob("*.parquet")):
        from .parquet_source import ParquetSource

        return ParquetSource(folder)
    from .image_folder import open_image_folder

    return open_image_folder(folder)
