"""Which column is what, and what cannot be."""

from __future__ import annotations

import datetime
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

N = 60
RNG = np.random.default_rng(1)
SENTENCES = [f"this is mail number {at} and it says something" for at in range(N)]


def table(**columns: Any) -> dict[str, Any]:
    return {"label": ["ham", "spam"] * (N // 2), **columns}


def test_auto_names_the_column_that_was_meant(auto: Any) -> None:
    with pytest.raises(
        ValueError, match=r'the label column "Lable" in the dict of columns: did you mean "label"\? its columns are "label", "x"'
    ):
        auto(table(x=range(N)), label="Lable")
    with pytest.raises(ValueError, match='the features column "hight" .* did you mean "height"'):
        auto(table(height=range(N)), label="label", features=["hight"])
    with pytest.raises(ValueError, match="without labels: name the column with label="):
        auto(table(x=range(N)))
    with pytest.raises(ValueError, match='column "label" twice: it is the label already'):
        auto(table(x=range(N)), label="label", text="label")


def test_auto_chooses_a_text_by_itself_and_says_so(auto: Any) -> None:
    result = auto(table(mail=SENTENCES, city=["Rome", "Oslo"] * (N // 2), x=range(N)), label="label")
    assert result.run.column("texts") == SENTENCES
    assert "features" not in result.run.calls[0]
    assert any('(text="mail")' in note for note in result.notes)
    assert result.run.metadata("city")[:2] == ["Rome", "Oslo"]


def test_auto_prefers_the_text_with_a_telling_name(auto: Any) -> None:
    longer = [sentence * 2 for sentence in SENTENCES]
    result = auto(table(note=longer, body=SENTENCES), label="label")
    assert result.run.column("texts") == SENTENCES
    assert any('also text: "note"' in note for note in result.notes)


def test_auto_joins_several_texts(auto: Any) -> None:
    result = auto(table(subject=["Hi", None] * (N // 2), body=["there", "you"] * (N // 2)), label="label", text=["subject", "body"])
    assert result.run.column("texts")[:2] == ["Hi\n\nthere", "you"]


def test_auto_looks_at_all_usable_columns_without_text_or_image(auto: Any) -> None:
    rows = table(x=RNG.normal(size=N), kind=["a", "b", "c"] * (N // 3), id=range(N), raw=[b"\0"] * N)
    result = auto(rows, label="label")
    assert result.run.features.shape == (N, 4)
    assert any('2 columns are looked at: "x", "kind"' in note for note in result.notes)
    assert any('Left out, as they number rows or hold nothing that can be counted: "id", "raw"' in note for note in result.notes)
    assert set(result.run.calls[0]["metadata"]) == {"x", "kind", "id_"}


def test_auto_looks_at_text_and_features_together(auto: Any) -> None:
    run = auto(table(mail=SENTENCES, x=RNG.normal(size=N)), label="label", text="mail", features=True).run
    assert run.column("texts") == SENTENCES
    assert run.features.shape == (N, 1)


def test_auto_refuses_a_table_with_nothing_to_look_at(auto: Any) -> None:
    with pytest.raises(ValueError, match="no column beside the label can be used"):
        auto({"label": ["a", "b"]}, label="label")
    with pytest.raises(ValueError, match='none tells rows apart: "x" all of its values are the same'):
        auto(table(x=[1] * N), label="label")
    with pytest.raises(ValueError, match='none tells rows apart: "x" it has no values'):
        auto(table(x=[None] * N), label="label", features="x")
    with pytest.raises(ValueError, match="it has no rows"):
        auto({"x": [], "label": []}, label="label", features="x")


def test_auto_takes_metadata_as_asked(auto: Any) -> None:
    rows = table(mail=SENTENCES, a=range(N), b=range(N))
    assert set(auto(rows, label="label", text="mail").run.calls[0]["metadata"]) == {"a", "b"}
    assert set(auto(rows, label="label", text="mail", metadata=["b"]).run.calls[0]["metadata"]) == {"b"}
    assert "metadata" not in auto(rows, label="label", text="mail", metadata=False).run.calls[0]


def test_auto_renames_metadata_with_a_reserved_name(auto: Any) -> None:
    result = auto(table(mail=SENTENCES, text=range(N), text_=range(N)), label="label", text="mail")
    assert set(result.run.calls[0]["metadata"]) == {"text__", "text_"}
    assert any('"text" as "text__"' in note for note in result.notes)


def test_auto_writes_metadata_as_flat_json(auto: Any) -> None:
    when = datetime.datetime(2024, 5, 17, 12, 30)
    rows = table(
        mail=SENTENCES, when=[when] * N, day=[when.date()] * N, nan=[float("nan"), 1.0] * (N // 2), big=[2**62] * N, bytes=[b"x"] * N
    )
    run = auto(pa.table(rows), label="label", text="mail").run
    values = {name: column[:2] for name, column in run.calls[0]["metadata"].items()}
    assert values == {"when": [when.isoformat()] * 2, "day": ["2024-05-17"] * 2, "nan": [None, 1.0], "big": [2**62] * 2}
    nested = auto(pa.table(table(mail=SENTENCES, inner=[{"a": [1]}] * N)), label="label", text="mail", metadata=["inner"]).run
    assert nested.metadata("inner")[0] == '{"a": [1]}'


def test_auto_cuts_metadata_to_what_the_wire_takes(auto: Any) -> None:
    long = ["short", "x" * 40_000, '"\n\0' * 9000, "€𝄞" * 9000] * (N // 4)
    result = auto(table(mail=SENTENCES, note=long, other=["kept"] * N), label="label", text="mail")
    columns = result.run.calls[0]["metadata"]
    for note, other in zip(columns["note"], columns["other"], strict=True):
        assert other == "kept"
        written = json.dumps({"note": note, "other": other}, ensure_ascii=False, separators=(",", ":"))
        assert len(written.encode("utf-16-le")) // 2 <= 16_384
    assert columns["note"][0] == "short"
    assert len(columns["note"][1]) > 12_000
    assert any("Metadata of 45 rows" in note for note in result.notes)


def test_auto_cuts_metadata_of_very_many_columns(auto: Any) -> None:
    rows = table(mail=SENTENCES, **{f"measurement_{at}": RNG.normal(size=N) for at in range(600)})
    run = auto(rows, label="label", text="mail").run
    row = {name: column[0] for name, column in run.calls[0]["metadata"].items() if column[0] is not None}
    assert 300 < len(row) < 600
    assert len(json.dumps(row, separators=(",", ":"))) <= 16_384


def test_auto_numbers_rows_without_ids(auto: Any) -> None:
    assert auto(table(mail=SENTENCES), label="label").run.ids == list(range(N))


def test_auto_names_rows_whose_ids_are_bad(auto: Any) -> None:
    rows = table(mail=SENTENCES)
    with pytest.raises(ValueError, match=r"'0' is in rows 0, 59 of split training.*and 1 other ids"):
        auto({**rows, "key": [*range(9), 7, *range(10, N - 1), 0]}, label="label", id="key")
    with pytest.raises(ValueError, match="row 3 has none"):
        auto({**rows, "key": [0, 1, 2, None, *range(4, N)]}, label="label", id="key")
    with pytest.raises(ValueError, match="row 1 has 'x"):
        auto({**rows, "key": ["a", "x" * 2000, *map(str, range(2, N))]}, label="label", id="key")


def test_auto_takes_whole_floats_as_ids(auto: Any) -> None:
    assert auto(table(mail=SENTENCES, key=np.arange(N) * 1.0), label="label", id="key").run.ids[:2] == ["0", "1"]


def test_auto_sorts_rows_into_splits(auto: Any) -> None:
    rows = table(mail=SENTENCES, fold=["train", "VAL", "test"] * (N // 3), key=[at // 3 for at in range(N)])
    run = auto(rows, label="label", split="fold", id="key").run
    assert [call["split"] for call in run.calls] == ["training", "validation", "test"]
    assert run.calls[1]["texts"] == SENTENCES[1::3]
    assert auto(table(mail=SENTENCES), label="label", split="test").run.calls[0]["split"] == "test"
    with pytest.raises(ValueError, match="row 1 has 'other'"):
        auto(table(mail=SENTENCES, fold=["train", "other"] * (N // 2)), label="label", split="fold")
