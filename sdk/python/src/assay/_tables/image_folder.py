"""Folders of images: a folder for each class."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa

from .images import IMAGE_SUFFIXES
from .source import TableSource


def open_image_folder(folder: Path) -> TableSource:
    """The images of a folder as a table: ``id`` (path below it), ``image`` (whole path), ``label`` (name of the folder it is in), and
    ``split`` where the folders of classes lie in folders such as ``train`` and ``test``.

    Raises
    ------
    ValueError
        If there are no images in folders.
    """
    from .splits import split_named

    paths = sorted(_images(folder))
    below = [path.relative_to(folder) for path in paths]
    loose = [path for path in below if len(path.parts) < 2]
    rows = [path for path in below if len(path.parts) >= 2]
    if not rows:
        found = f"{len(loose):,} images that lie in no folder" if loose else "no images"
        raise ValueError(f'Cannot read "{folder}" as images must lie in folders named after their class: found {found}')
    notes = [f"{len(loose):,} images lie in no folder of a class and were left out"] if loose else []
    columns = {
        "id": [path.as_posix() for path in rows],
        "image": [str(folder / path) for path in rows],
        "label": [path.parts[-2] for path in rows],
    }
    tops = {path.parts[0] for path in rows if len(path.parts) >= 3}
    if tops and all(len(path.parts) >= 3 for path in rows) and all(split_named(top) for top in tops):
        columns["split"] = [path.parts[0] for path in rows]
    return TableSource(folder.name or str(folder), pa.table(columns), notes, {name: name for name in columns})


def _images(folder: Path) -> list[Path]:
    found = []
    for root, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(root, name) for name in names if not name.startswith(".") and Path(name).suffix.lower() in IMAGE_SUFFIXES]
    return found
