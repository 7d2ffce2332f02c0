"""Ranked samples as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    import pandas as pd

_FIRST = ("rank", "sample_id", "split", "given_label", "suggested_label", "issue_type", "reason", "text_preview")
_SHOWN = (
    *("rank", "rank_before", "rank_after", "sample_id", "given_label"),
    *("suggested_label", "suggested_label_before", "suggested_label_after"),
    *("issue_type", "issue_types_before", "issue_types_after", "mislabeled_score", "reason", "text_preview"),
)
_TEXT_LENGTH = 160
_PLAIN_LENGTH = 60


class SampleTable(Sequence[Mapping[str, Any]]):
    """Ranked samples, worst first: a sequence of rows that notebooks show as a table, and that pandas and Arrow take.

    ``table[0]`` is a row, ``table["sample_id"]`` a column, ``table[:10]`` a table. Metadata are columns ``metadata.<name>``.
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._rows = [_flat(row) for row in rows]
        names = dict.fromkeys(name for row in self._rows for name in row)
        self._columns = [name for name in _FIRST if name in names] + [name for name in names if name not in _FIRST]

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self._columns)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return iter(self._rows)

    @overload
    def __getitem__(self, key: int) -> Mapping[str, Any]: ...
    @overload
    def __getitem__(self, key: slice) -> SampleTable: ...
    @overload
    def __getitem__(self, key: str) -> list[Any]: ...
    def __getitem__(self, key: int | slice | str) -> Any:
        if isinstance(key, str):
            if key not in self._columns:
                raise KeyError(f'Cannot find column "{key}": columns are {", ".join(self._columns)}')
            return [row.get(key) for row in self._rows]
        if isinstance(key, slice):
            return SampleTable(self._rows[key])
        return self._rows[key]

    def to_pandas(self) -> pd.DataFrame:
        """The table as a pandas DataFrame, which must be installed."""
        import pandas as pd

        return pd.DataFrame({name: self[name] for name in self._columns}, columns=self._columns)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The table for whatever takes Arrow, such as ``polars.DataFrame(table)`` and ``pyarrow.table(table)``."""
        import pyarrow as pa

        return pa.table({name: self[name] for name in self._columns}).__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        if not self._rows:
            return "SampleTable: no samples"
        names = [name for name in _SHOWN if name in self._columns and any(row.get(name) is not None for row in self._rows)]
        cells = [names, *([_short(row.get(name), _PLAIN_LENGTH) for name in names] for row in self._rows)]
        widths = [max(len(line[i]) for line in cells) for i in range(len(names))]
        return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells)

    def _repr_html_(self) -> str:
        if not self._rows:
            return "<p>No samples</p>"
        extra = [name for name in self._columns if name.startswith("metadata.")]
        names = [name for name in (*_SHOWN, *extra) if name in self._columns and any(row.get(name) is not None for row in self._rows)]
        head = "".join(f'<th style="text-align:left">{escape(name.removeprefix("metadata.").replace("_", " "))}</th>' for name in names)
        body = "".join("<tr>" + "".join(_cell(name, row.get(name)) for name in names) + "</tr>" for row in self._rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    flat = {name: value for name, value in row.items() if name != "metadata"}
    flat.update({f"metadata.{name}": value for name, value in (row.get("metadata") or {}).items()})
    return flat


def _cell(name: str, value: Any) -> str:
    style = "text-align:left;vertical-align:top"
    if name in ("reason", "text_preview"):
        style += ";white-space:normal;max-width:32em"
    return f'<td style="{style}">{escape(_short(value, _TEXT_LENGTH if name == "text_preview" else 1000))}</td>'


def _short(value: Any, most: int) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3f}"
    text = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"
