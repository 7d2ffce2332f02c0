"""Files as they come: damaged rows, odd headers, what is no table at all."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Any

import pytest

GOOD = "text,label\n" + "one,ham\ntwo,spam\n" * 10


def written(folder: Path, content: str | bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_auto_skips_rows_that_do_not_fit_and_says_which(auto: Any, tmp_path: Path) -> None:
    result = auto(written(tmp_path, GOOD + "three\nfour,ham\n"), text="text", label="label")
    assert result.n_samples == 21
    assert result.run.column("texts")[-1] == "four"
    assert any("1 of 22 rows of a.csv were skipped: row 22" in note and "1 columns where the header has 2" in note for note in result.notes)


def test_auto_refuses_a_file_of_which_most_rows_do_not_fit(auto: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"10 of 30 rows do not fit.*delimiter was taken to be \",\""):
        auto(written(tmp_path, GOOD + "a,b,c\n" * 10), text="text", label="label")


def test_auto_takes_odd_headers(auto: Any, tmp_path: Path) -> None:
    content = "\r\nsep=;\r\n;text;text; label \r\n" + '0;a;"b\r\nb";x\r\n1;c;d;y\r\n' * 2
    result = auto(written(tmp_path, content.replace("\r\n", "", 1)), text="text", label="label")
    assert result.run.column("texts") == ["a", "c"] * 2
    assert result.run.metadata("text_2") == ["b\r\nb", "d"] * 2
    assert result.run.metadata("column_1") == [0, 1] * 2


def test_auto_skips_blank_lines_before_the_header(auto: Any, tmp_path: Path) -> None:
    assert auto(written(tmp_path, "\n\n" + GOOD), text="text", label="label").n_samples == 20


def test_auto_reads_numbers_with_a_decimal_comma(auto: Any, tmp_path: Path) -> None:
    content = "price;label\n1,5;a\n2;b\n-0,25;a\n;b\n"
    assert auto(written(tmp_path, content), label="label").run.metadata("price") == [1.5, 2.0, -0.25, None]


def test_auto_keeps_labels_and_ids_as_they_are_written(auto: Any, tmp_path: Path) -> None:
    run = auto(written(tmp_path, "id,x,label\n007,1,01\n008,2,1\n009,3, 1 \n010,5,2\n"), label="label", id="id").run
    assert run.ids == ["007", "008", "009", "010"]
    assert run.labels == ["01", "1", "1", "2"]


def test_auto_names_the_byte_that_is_not_in_the_encoding_given(auto: Any, tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.encode() + "café,ham\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r'as utf-8: byte 0xe9 at 184 is not allowed there; try encoding="latin-1"'):
        auto(path, text="text", label="label", encoding="utf-8")
    with pytest.raises(ValueError, match='"klingon" is no encoding'):
        auto(path, text="text", label="label", encoding="klingon")


def test_auto_finds_a_bad_byte_far_into_the_file(auto: Any, tmp_path: Path) -> None:
    filler = "é" * 2_100_000
    path = written(tmp_path, f"text,label\n{filler},ham\n".encode() + b"\xff,spam\nx,ham\ny,spam\n")
    result = auto(path, text="text", label="label")
    assert any("(byte 0xff at 4,200,016)" in note for note in result.notes)


def test_auto_reads_a_text_longer_than_a_block(auto: Any, tmp_path: Path) -> None:
    text = "long, " * 500_000
    run = auto(written(tmp_path, f'text,label\n"{text}",ham\nshort,spam\nx,ham\n'), text="text", label="label").run
    assert run.column("texts") == [text, "short", "x"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", "", "is empty"),
        ("a.csv", "text,label\n", "a header and no rows"),
        ("a.csv", b"PK\x03\x04....", "it is a zip file"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1", "save it as .xlsx"),
        ("a.bin", b"\x00\x01\x02", "it is no text"),
        ("a.parquet", b"PAR1 and then nothing", "as parquet"),
        ("a.json", "[]", "must hold an array of rows"),
        ("a.json", "[1, 2]", "every row must be a dict: row 0 is int"),
        ("a.jsonl", '{"a": 1}\n[]\nnope\n', r"line 2 is none \(2 of 3\)"),
        ("a.jsonl", b'{"a": "\xe9"}\n', "JSON is UTF-8: byte 0xe9"),
    ],
)
def test_auto_says_why_a_file_is_no_table(auto: Any, tmp_path: Path, name: str, content: str | bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        auto(written(tmp_path, content, name), label="label")


def test_auto_skips_damaged_json_lines_and_says_which(auto: Any, tmp_path: Path) -> None:
    content = '{"text": "a", "label": 1}\n{"text": "b", "label": 0}\n' * 10 + '{"text": "cut o'
    result = auto(written(tmp_path, content, "a.jsonl"), text="text", label="label")
    assert result.n_samples == 20
    assert any("the first is line 21" in note for note in result.notes)


def test_auto_takes_json_rows_of_changing_shape(auto: Any, tmp_path: Path) -> None:
    lines = [
        '{"t": "a", "label": 1, "n": 1}',
        '{"t": "b", "label": 2, "n": 2.5, "more": {"x": [1]}}',
        '{"t": "c", "label": 2, "n": "many"}',
    ] * 4000
    run = auto(written(tmp_path, "\n".join(lines), "a.jsonl"), text="t", label="label").run
    assert run.metadata("n")[:3] == ["1", "2.5", "many"]
    assert run.labels[:3] == ["1", "2", "2"]


def test_auto_says_where_no_file_is(auto: Any, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no such file or folder"):
        auto(tmp_path / "none.csv", label="label")
    with pytest.raises(ValueError, match="download it first"):
        auto("https://example.org/a.csv", label="label")
    with pytest.raises(TypeError, match="Cannot read a table from int: give a DataFrame"):
        auto(3, label="label")


def test_auto_takes_a_byte_order_mark_in_utf_16_big_endian(auto: Any, tmp_path: Path) -> None:
    path = written(tmp_path, codecs.BOM_UTF16_BE + GOOD.replace(",", "\t").encode("utf-16-be"), "a.txt")
    assert auto(path, text="text", label="label").n_samples == 20


def test_auto_refuses_columns_of_other_lengths(auto: Any) -> None:
    with pytest.raises(ValueError, match='current lengths are "a" 2, "label" 3'):
        auto({"a": [1, 2], "label": ["x", "y", "x"]}, label="label")
