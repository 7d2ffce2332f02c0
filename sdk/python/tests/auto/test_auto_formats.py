"""The same rows in every format."""

from __future__ import annotations

import gzip
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

TEXTS = ['Win, "now"', "two\nlines; here", "café", "plain", None, "tab\there"]
ROWS = [
    {"key": f"k{at}", "text": text, "label": ["ham", "spam"][at % 2], "price": at + 0.5, "n": at, "ok": at % 2 == 0}
    for at, text in enumerate(TEXTS)
]
TABLE = pa.Table.from_pylist(ROWS)


def columns() -> dict[str, list[Any]]:
    return {name: [row[name] for row in ROWS] for name in ROWS[0]}


def check(result: Any, empty: Any = None) -> None:
    run = result.run
    assert run.ids == [row["key"] for row in ROWS]
    assert run.column("texts") == [empty if text is None else text for text in TEXTS]
    assert run.labels == ["ham", "spam"] * 3
    assert run.options["label_names"] == ("ham", "spam")
    assert run.metadata("price") == [row["price"] for row in ROWS]
    assert run.metadata("n") == [row["n"] for row in ROWS]
    assert run.metadata("ok") == [row["ok"] for row in ROWS]
    assert run.finished == [True]
    assert (result.n_samples, result.url) == (6, run.url)


def write_csv(path: Path, delimiter: str = ",") -> Path:
    pcsv.write_csv(TABLE, path, pcsv.WriteOptions(delimiter=delimiter))
    return path


def test_auto_takes_pandas(auto: Any) -> None:
    pandas = pytest.importorskip("pandas")
    check(auto(pandas.DataFrame(ROWS), text="text", label="label", id="key"))


def test_auto_takes_pandas_with_categories_nullable_types_and_another_index(auto: Any) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(ROWS, index=[7, 3, 3, 1, 0, 9]).astype({"label": "category", "n": "Int64", "ok": "boolean"})
    check(auto(frame, text="text", label="label", id="key"))


class LikePolars:
    """A frame with the methods of polars' that are used, where polars is not installed."""

    def __init__(self, rows: Any) -> None:
        self._table = pa.Table.from_pylist(rows)

    def to_arrow(self) -> pa.Table:
        return self._table

    def lazy(self) -> Any:
        class Lazy:
            lazy = None
            collect = staticmethod(lambda: self)

        return Lazy()


def test_auto_takes_polars_without_importing_it(auto: Any) -> None:
    frame = importlib.import_module("polars").DataFrame(ROWS) if importlib.util.find_spec("polars") else LikePolars(ROWS)
    check(auto(frame, text="text", label="label", id="key"))
    check(auto(frame.lazy(), text="text", label="label", id="key"))


def test_auto_takes_whatever_gives_an_arrow_stream(auto: Any) -> None:
    class Stream:
        def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
            return TABLE.__arrow_c_stream__(requested_schema)

    check(auto(Stream(), text="text", label="label", id="key"))


@pytest.mark.parametrize("make", [lambda: TABLE, lambda: TABLE.to_reader(), lambda: TABLE.to_batches()[0], columns, lambda: ROWS])
def test_auto_takes_tables_in_memory(auto: Any, make: Any) -> None:
    check(auto(make(), text="text", label="label", id="key"))


def test_auto_takes_string_views_and_dictionaries(auto: Any) -> None:
    table = TABLE.set_column(2, "label", TABLE["label"].dictionary_encode())
    if hasattr(pa, "string_view"):
        table = table.set_column(1, "text", TABLE["text"].cast(pa.string_view()))
    check(auto(table, text="text", label="label", id="key"))


@pytest.mark.parametrize(("name", "delimiter"), [("a.csv", ","), ("b.csv", ";"), ("c.csv", "\t"), ("d.tsv", "\t"), ("e.txt", "|")])
def test_auto_reads_delimited_files(auto: Any, tmp_path: Path, name: str, delimiter: str) -> None:
    check(auto(write_csv(tmp_path / name, delimiter), text="text", label="label", id="key"), empty="")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_auto_finds_out_the_encoding(auto: Any, tmp_path: Path, encoding: str) -> None:
    path = write_csv(tmp_path / "a.csv")
    path.write_bytes(path.read_text("utf-8").encode(encoding))
    result = auto(str(path), text="text", label="label", id="key")
    check(result, empty="")
    assert any("latin-1" in note for note in result.notes) == (encoding == "latin-1")


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl"])
def test_auto_reads_gzip_whatever_the_name(auto: Any, tmp_path: Path, kind: str) -> None:
    if kind == "csv":
        content = write_csv(tmp_path / "plain.csv").read_bytes()
    else:
        content = (json.dumps(ROWS) if kind == "json" else "\n".join(map(json.dumps, ROWS))).encode()
    for name in (f"a.{kind}.gz", f"b.{kind}"):
        (tmp_path / name).write_bytes(gzip.compress(content))
        check(auto(tmp_path / name, text="text", label="label", id="key"), empty="" if kind == "csv" else None)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", "\n".join(json.dumps(row) for row in ROWS)),
        ("b.ndjson", "\ufeff" + "\r\n\r\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS) + "\r\n"),
        ("c.json", json.dumps(ROWS, indent=2)),
        ("d.json", "\n".join(json.dumps(row) for row in ROWS)),
        ("e.json", json.dumps(columns())),
        ("f.json", json.dumps({"version": 1, "data": ROWS})),
        ("g", json.dumps(ROWS)),
    ],
)
def test_auto_reads_json(auto: Any, tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, "utf-8", newline="")
    check(auto(tmp_path / name, text="text", label="label", id="key"))


def test_auto_reads_parquet_and_arrow_files(auto: Any, tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "a.parquet", row_group_size=2)
    feather.write_feather(TABLE, tmp_path / "b.arrow")
    with pa.ipc.new_stream(tmp_path / "c.arrows", TABLE.schema) as stream:
        stream.write_table(TABLE)
    for name in ("a.parquet", "b.arrow", "c.arrows"):
        check(auto(tmp_path / name, text="text", label="label", id="key"))


def test_auto_reads_a_folder_of_parquet_files(auto: Any, tmp_path: Path) -> None:
    pq.write_table(TABLE.slice(0, 3), tmp_path / "0.parquet")
    pq.write_table(TABLE.slice(3), tmp_path / "1.parquet")
    (tmp_path / "README").write_text("not a table")
    check(auto(tmp_path, text="text", label="label", id="key"))


def test_auto_reads_excel(auto: Any, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    workbook = openpyxl.Workbook()
    workbook.active.append(list(ROWS[0]))
    for row in ROWS:
        workbook.active.append(list(row.values()))
    workbook.active.append([None, None])
    workbook.create_sheet("second")
    workbook.save(tmp_path / "a.xlsx")
    result = auto(tmp_path / "a.xlsx", text="text", label="label", id="key")
    check(result)
    assert any('the first, "Sheet"' in note for note in result.notes)


def test_auto_says_what_excel_needs(auto: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ImportError, match=r"pip install 'assay-ml\[excel\]'"):
        auto(tmp_path / "a.xlsx", label="label")


def test_auto_reads_many_batches_in_order(auto: Any, tmp_path: Path) -> None:
    n = 20_001
    table = pa.table({"x": range(n), "label": [str(at % 3) for at in range(n)]})
    pcsv.write_csv(table, tmp_path / "a.csv")
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=7000)
    for name in ("a.csv", "a.parquet"):
        run = auto(tmp_path / name, label="label").run
        assert run.ids == list(range(n))
        assert run.metadata("x") == list(range(n))
        assert len(run.calls) > 1
