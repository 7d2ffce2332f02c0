"""Tables without a model, against the real platform."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay import AssayError, auto
from assay._images import image_content

RNG = np.random.default_rng(5)
N = 300
CLASSES = np.array(["ham", "spam"])
WORDS = (("meeting", "report", "please", "team", "friday", "notes"), ("money", "free", "winner", "click", "offer", "prize"))


def noisy(truth: np.ndarray, share: float = 0.1) -> tuple[np.ndarray, set[int]]:
    """Labels of which a share is wrong, and the rows of those."""
    wrong = RNG.choice(len(truth), round(share * len(truth)), replace=False)
    given = truth.copy()
    given[wrong] = 1 - given[wrong]
    return given, set(wrong.tolist())


def found(result: Any, wrong: set[int], of_id: Any = int) -> float:
    """Share of wrong labels among as many of the worst."""
    worst = result.worst(len(wrong))
    return len({of_id(row["sample_id"]) for row in worst} & wrong) / len(wrong)


def test_texts_are_ranked(server: Any) -> None:
    truth = RNG.integers(0, 2, N)
    given, wrong = noisy(truth)
    texts = [" ".join([*RNG.choice(WORDS[y], 6), *RNG.choice(["and", "the", "to", "you", "we"], 8)]) for y in truth]
    result = auto({"text": texts, "label": CLASSES[given], "folder": [f"f{at % 3}" for at in range(N)]}, text="text", label="label")
    assert found(result, wrong) >= 0.9
    row = result.worst(1)[0]
    assert row["suggested_label"] != row["given_label"]
    assert row["text_preview"] in texts
    assert row["metadata.folder"] in {"f0", "f1", "f2"}
    assert result.summary["n_samples"] == N
    assert "labels look wrong" in repr(result)
    assert result.url in result._repr_html_()


def test_columns_of_a_file_are_ranked(server: Any, tmp_path: Path) -> None:
    truth = RNG.integers(0, 2, N)
    given, wrong = noisy(truth)
    numbers = RNG.normal(size=(N, 3)) * [1, 100, 1e-3] + truth[:, None] * [3, 300, 3e-3]
    kinds = np.where(RNG.random(N) < 0.9, np.array(["red", "blue"])[truth], "green")
    lines = [f"{a},{b},{c},{kind},{CLASSES[y]}" for (a, b, c), kind, y in zip(numbers, kinds, given, strict=True)]
    (tmp_path / "table.csv").write_text("a,b,c,kind,label\n" + "\n".join(lines))
    result = auto(tmp_path / "table.csv", label="label")
    assert found(result, wrong) >= 0.9
    assert result.worst(1)[0]["metadata.kind"] in {"red", "blue", "green"}


def test_a_folder_of_images_is_ranked(server: Any, tmp_path: Path) -> None:
    truth = RNG.integers(0, 2, 80)
    given, wrong = noisy(truth)
    names = {}
    for at, (y, label) in enumerate(zip(truth, CLASSES[given], strict=True)):
        pixels = RNG.integers(0, 60, (64, 64, 3), np.uint8)
        size = RNG.integers(20, 40)
        pixels[8 : 8 + size, 8 : 8 + (size if y else 4), 1 + y] = 255
        path = tmp_path / label / f"{at}.png"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(image_content(pixels, at))
        names[f"{label}/{at}.png"] = at
    (tmp_path / "ham" / "broken.png").write_bytes(b"not an image")
    result = auto(tmp_path)
    assert found(result, wrong, names.__getitem__) >= 0.7
    assert result.n_samples == 80
    assert any("ham/broken.png" in note for note in result.notes)


def test_unlabelled_rows_and_splits_are_taken(server: Any) -> None:
    truth = RNG.integers(0, 2, N)
    vectors = RNG.normal(size=(N, 8)) + 3 * truth[:, None]
    labels = [None if at % 10 == 0 else CLASSES[y] for at, y in enumerate(truth)]
    rows = {"vector": vectors, "label": labels, "fold": ["train", "test"] * (N // 2)}
    result = auto(rows, label="label", features="vector", split="fold")
    assert result.summary["n_samples"] == N
    assert {row["split"] for row in result.worst(N)} == {"training", "test"}


def test_without_a_server_the_table_waits_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_MODE", "offline")
    result = auto({"x": [1.0, 2.0, 3.0], "label": ["a", "b", "b"]}, label="label")
    assert result.report.state == "spooled"
    assert result.report.rows_spooled == 3
    assert "Nothing is known of it yet" in repr(result)
    with pytest.raises(AssayError):
        result.worst()
