"""Folders of images, and tables with a column of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay._images import image_content

FILES = {
    "cat/1.png": image_content(np.zeros((4, 5, 3), np.uint8), 0),
    "cat/2.JPG": b"\xff\xd8\xff\xe0 a jpeg",
    "dog/a/3.gif": b"GIF89a a gif",
    "dog/4.webp": b"RIFF\0\0\0\0WEBPVP8 ",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "dog/notes.txt").write_text("no image")
    (tmp_path / "dog/.hidden.png").write_bytes(b"")
    return tmp_path


def test_auto_takes_a_folder_for_each_class(auto: Any, folder: Path) -> None:
    run = auto(folder).run
    assert dict(zip(run.ids, run.column("images"), strict=True)) == FILES
    assert dict(zip(run.ids, run.labels, strict=True)) == {"cat/1.png": "cat", "cat/2.JPG": "cat", "dog/a/3.gif": "a", "dog/4.webp": "dog"}


def test_auto_lists_images_that_cannot_be_read(auto: Any, folder: Path) -> None:
    (folder / "dog/empty.png").write_bytes(b"")
    (folder / "dog/text.jpg").write_bytes(b"<html>")
    (folder / "dog/gone.png").symlink_to(folder / "nowhere.png")
    result = auto(folder)
    assert sorted(result.run.ids) == sorted(FILES)
    told = next(note for note in result.notes if "cannot be read" in note)
    assert told.startswith("3 images cannot be read and were left out: ")
    for line in ("dog/empty.png: ", "is empty", "dog/text.jpg: ", "is no JPEG, PNG, WebP or GIF file", "dog/gone.png: ", "No such file"):
        assert line in told


def test_auto_finds_splits_above_the_classes(auto: Any, tmp_path: Path) -> None:
    for split in ("train", "val"):
        for label in ("cat", "dog"):
            (tmp_path / split / label).mkdir(parents=True)
            (tmp_path / split / label / "1.gif").write_bytes(FILES["dog/a/3.gif"])
    run = auto(tmp_path).run
    assert [(call["split"], call["ids"]) for call in run.calls] == [
        ("training", ["train/cat/1.gif", "train/dog/1.gif"]),
        ("validation", ["val/cat/1.gif", "val/dog/1.gif"]),
    ]


def test_auto_refuses_a_folder_without_classes(auto: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="found no images"):
        auto(tmp_path)
    (tmp_path / "1.gif").write_bytes(FILES["dog/a/3.gif"])
    with pytest.raises(ValueError, match="found 1 images that lie in no folder"):
        auto(tmp_path)


def test_auto_reads_paths_of_a_table_beside_it(auto: Any, folder: Path) -> None:
    (folder / "list.csv").write_text("file,label\n" + "".join(f"{name},{at % 2}\n" for at, name in enumerate([*FILES, "none.png"])))
    result = auto(folder / "list.csv", label="label")
    assert result.run.column("images") == list(FILES.values())
    assert result.run.labels == ["0", "1", "0", "1"]
    assert any('(image="file")' in note for note in result.notes)
    assert any('4: "none.png" cannot be read' in note for note in result.notes)


@pytest.mark.parametrize("wrap", [lambda b: b, lambda b: {"bytes": b, "path": None}])
def test_auto_takes_bytes(auto: Any, wrap: Any) -> None:
    rows = [{"picture": wrap(content), "label": str(at % 2)} for at, content in enumerate(FILES.values())]
    assert auto(rows, label="label").run.column("images") == list(FILES.values())


def test_auto_takes_arrays_of_pixels(auto: Any) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (4, 6, 7, 3), np.uint8)
    expected = [image_content(image, 0) for image in pixels]
    assert auto({"image": pixels, "label": [0, 1, 0, 1]}, label="label", image="image").run.column("images") == expected
    assert auto({"image": list(pixels), "label": [0, 1, 0, 1]}, label="label", image="image").run.column("images") == expected


def test_auto_does_not_fetch_addresses(auto: Any) -> None:
    rows = {"image": ["https://example.org/1.png", "2.png"], "label": ["a", "b"]}
    result = auto(rows, label="label", image="image")
    assert result.n_samples == 0
    assert "is an address: give a path or bytes" in result.notes[-1]
