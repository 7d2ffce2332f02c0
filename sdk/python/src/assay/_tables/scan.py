"""First reading of a table: labels, ids, splits and what features need to know of all rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from .features import Features
from .ids import Ids, written_ids
from .images import UnreadableImage, read_image
from .labels import Labels
from .metadata import Metadata
from .roles import Roles
from .source import BATCH_ROWS, Source
from .splits import split_named

_IMAGE_ROWS = 64
_MOST_LISTED = 20


@dataclass(frozen=True)
class Samples:
    """Rows of one split as `Run.log_dataset` takes them."""

    split: str
    ids: list[Any]
    columns: dict[str, Any]


class Scan:
    """A table whose labels, ids and features are known, so that it can be logged.

    Parameters
    ----------
    source : Source
        The table; read once here and once by `samples`.
    roles : Roles
        What its columns are.
    folder : Path, optional
        Where relative paths of images start.

    Raises
    ------
    ValueError
        If labels, ids, splits or features cannot be used.

    Attributes
    ----------
    label_names : tuple of str
        Classes.
    n_rows : int
        Rows of the table.
    unreadable : list of str
        A sentence for each of the first 20 images that cannot be read; known after `samples`.
    n_unreadable : int
        How many there are.
    """

    def __init__(self, source: Source, roles: Roles, folder: Path | None = None) -> None:
        self._source, self._roles, self._folder = source, roles, folder
        self._labels = Labels(roles.label)
        self._features = Features({name: source.schema.field(name).type for name in roles.features}) if roles.features else None
        self._metadata = Metadata(roles.metadata)
        self.n_rows = self.n_unreadable = 0
        self.unreadable: list[str] = []
        ids = Ids(roles.id) if roles.id else None
        read = [name for name in (roles.label, roles.id, roles.split, *roles.features) if name is not None]
        for batch in source.batches(list(dict.fromkeys(read)), raw=roles.raw()):
            splits = self._splits(batch)
            self._labels.add(_column(batch, roles.label))
            if ids:
                ids.add(_column(batch, roles.id), splits)
            if self._features:
                self._features.learn({name: _column(batch, name) for name in roles.features})
            self.n_rows += batch.num_rows
        if self.n_rows == 0:
            raise ValueError(f"Cannot look at {source.name} as it has no rows")
        self.label_names = self._labels.close()
        if ids:
            ids.close()
        if self._features:
            self._features.close()

    @property
    def notes(self) -> list[str]:
        """What people should know of how the table was read."""
        notes = [*self._source.notes, *self._roles.notes, *(self._features.notes if self._features else []), *self._labels.notes]
        notes += self._metadata.notes
        if self.n_unreadable:
            more = f" (and {self.n_unreadable - len(self.unreadable):,} more)" if self.n_unreadable > len(self.unreadable) else ""
            notes.append(f"{self.n_unreadable:,} images cannot be read and were left out: {'; '.join(self.unreadable)}{more}")
        return notes

    def samples(self) -> Iterator[Samples]:
        """All rows, a batch of one split at a time."""
        rows = _IMAGE_ROWS if self._roles.image else BATCH_ROWS
        start = 0
        for batch in self._source.batches(self._roles.columns(), raw=self._roles.raw(), rows=rows):
            splits = self._splits(batch)
            ids = written_ids(_column(batch, self._roles.id)).to_pylist() if self._roles.id else list(range(start, start + batch.num_rows))
            start += batch.num_rows
            columns = self._columns(batch, ids)
            images = columns.get("images")
            kept = [at for at in range(batch.num_rows) if images is None or images[at] is not None]
            for split in dict.fromkeys(splits):
                at = [row for row in kept if splits[row] == split]
                if at:
                    yield Samples(split, _take(ids, at), {name: _take(values, at) for name, values in columns.items()})

    def _columns(self, batch: pa.RecordBatch, ids: list[Any]) -> dict[str, Any]:
        roles = self._roles
        columns: dict[str, Any] = {"labels": self._labels.indices(_column(batch, roles.label))}
        if roles.text:
            columns["texts"] = _texts(batch, roles.text)
        if roles.image:
            columns["images"] = self._images(_column(batch, roles.image).to_pylist(), ids)
        if self._features:
            columns["features"] = self._features.encode({name: _column(batch, name) for name in roles.features})
        if roles.metadata:
            columns["metadata"] = self._metadata.of(batch)
        return columns

    def _images(self, cells: list[Any], ids: list[Any]) -> list[bytes | None]:
        found: list[bytes | None] = []
        for id_, cell in zip(ids, cells, strict=True):
            try:
                found.append(read_image(cell, self._folder))
            except UnreadableImage as error:
                found.append(None)
                self.n_unreadable += 1
                if len(self.unreadable) < _MOST_LISTED:
                    named = f'"{cell}" ' if isinstance(cell, str) and cell != str(id_) else ""
                    self.unreadable.append(f"{id_}: {named}{error}")
        return found

    def _splits(self, batch: pa.RecordBatch) -> list[str]:
        if self._roles.split is None:
            return [self._roles.all_in] * batch.num_rows
        written = pc.cast(_column(batch, self._roles.split), pa.large_string()).to_pylist()
        known = {name: split_named(name) for name in dict.fromkeys(written)}
        bad = next((name for name, split in known.items() if split is None), "")
        if bad != "":
            raise ValueError(
                f'Cannot take column "{self._roles.split}" as splits: a split must be training, validation or test, and row '
                f"{self.n_rows + written.index(bad):,} has {'none' if bad is None else repr(bad)}"
            )
        return [known[name] or "training" for name in written]


def _column(batch: pa.RecordBatch, name: str | None) -> pa.Array:
    return batch.column(batch.schema.get_field_index(name))


def _texts(batch: pa.RecordBatch, names: tuple[str, ...]) -> list[str | None]:
    columns: list[list[str | None]] = [pc.cast(_column(batch, name), pa.large_string()).to_pylist() for name in names]
    if len(columns) == 1:
        return columns[0]
    joined = ("\n\n".join(text for text in row if text) for row in zip(*columns, strict=True))
    return [text or None for text in joined]


def _take(values: Any, at: list[int]) -> Any:
    if isinstance(values, dict):
        return {name: _take(column, at) for name, column in values.items()}
    if len(at) == len(values):
        return values
    return values[at] if hasattr(values, "dtype") else [values[row] for row in at]
