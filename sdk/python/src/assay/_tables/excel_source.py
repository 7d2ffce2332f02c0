"""The first sheet of an Excel workbook."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from .source import TableSource, unique_names
from .to_arrow import array_of


def open_excel(path: Path) -> TableSource:
    """The first sheet of a workbook: a header, then rows. Needs openpyxl.

    Raises
    ------
    ImportError
        Without openpyxl.
    ValueError
        If the sheet has no header or no rows.
    """
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise ImportError(f"Cannot read \"{path}\" without openpyxl: pip install 'assay-ml[excel]'") from error
    workbook = load_workbook(path, read_only=True, data_only=True)
    try:
        sheet = workbook.worksheets[0]
        rows = [row for row in sheet.iter_rows(values_only=True) if any(cell is not None for cell in row)]
        titles = workbook.sheetnames
    finally:
        workbook.close()
    if len(rows) < 2:
        raise ValueError(f'Cannot read "{path}" as sheet "{titles[0]}" has {"a header and no rows" if rows else "no header"}')
    width = max(at + 1 for row in rows for at, cell in enumerate(row) if cell is not None)
    header = ["" if cell is None else str(cell) for cell in (*rows[0], *[None] * width)[:width]]
    columns = [array_of([row[at] if at < len(row) else None for row in rows[1:]]) for at in range(width)]
    notes = []
    if len(titles) > 1:
        notes.append(f'{path.name} has {len(titles)} sheets: the first, "{titles[0]}", was read')
    return TableSource(path.name, pa.Table.from_arrays(columns, names=unique_names(header)), notes)
