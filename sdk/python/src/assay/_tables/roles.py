"""Which column is what."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from .features import is_usable
from .images import is_image, looks_like_path
from .source import Source
from .splits import split_named

_TEXT_NAMES_REGEXP = re.compile(r"^(text|body|content|message|review|sentence|document|comment|description)s?$", re.IGNORECASE)
_ROW_NUMBER_REGEXP = re.compile(r"^(id|index|idx|row|row_?(id|number)|unnamed.*|column_1|__index_level_\d+__)$", re.IGNORECASE)
_LONG_TEXT = 20


@dataclass
class Roles:
    """What each column of a table is.

    Attributes
    ----------
    label : str
        Given labels.
    text : tuple of str
        Joined to one text.
    image : str or None
        Paths or bytes of images.
    features : tuple of str
        Encoded as numbers.
    id, split : str or None
        Columns of them.
    metadata : tuple of str
        What people see beside a sample.
    all_in : str
        Split of all rows, where there is no column of it.
    notes : list of str
        What was chosen, and why.
    """

    label: str
    text: tuple[str, ...] = ()
    image: str | None = None
    features: tuple[str, ...] = ()
    id: str | None = None
    split: str | None = None
    metadata: tuple[str, ...] = ()
    all_in: str = "training"
    notes: list[str] = field(default_factory=list)

    def columns(self) -> list[str]:
        """All columns that are read, each once."""
        named = [self.label, *self.text, self.image, *self.features, self.id, self.split, *self.metadata]
        return list(dict.fromkeys(name for name in named if name is not None))

    def raw(self) -> set[str]:
        """Columns of text files that are taken as they are written."""
        return {name for name in (self.label, *self.text, self.image, self.id, self.split) if name is not None}


def choose_roles(
    source: Source,
    *,
    text: str | Sequence[str] | None,
    image: str | None,
    features: Sequence[str] | str | bool | None,
    label: str | None,
    id: str | None,
    split: str | None,
    metadata: Sequence[str] | str | bool | None,
) -> Roles:
    """Give every column a role: what was asked for, else what its first rows look like.

    Raises
    ------
    ValueError
        If a column is not there, has two roles, or nothing is left to look at.
    """
    names = source.schema.names
    known = source.roles
    label, id, split, image = label or known.get("label"), id or known.get("id"), split or known.get("split"), image or known.get("image")
    roles = Roles(label=_column(source, label, "label"))
    roles.text = tuple(_column(source, name, "text") for name in _listed(text))
    roles.image = None if image is None else _column(source, image, "image")
    roles.id = None if id is None else _column(source, id, "id")
    if split is not None and split not in names and split_named(split):
        roles.all_in = split_named(split) or "training"
    elif split is not None:
        roles.split = _column(source, split, "split")
    named_metadata = [] if metadata in (None, True, False) else [_column(source, name, "metadata") for name in _listed(metadata)]
    wanted_features = [] if features in (None, True, False) else [_column(source, name, "features") for name in _listed(features)]
    taken = {roles.label, roles.id, roles.split, *roles.text, roles.image}
    for name in (*roles.text, roles.image, *wanted_features):
        if name is not None and name in (roles.label, roles.id, roles.split):
            raise ValueError(f'Cannot use column "{name}" twice: it is the {_role_of(name, roles)} already')
    free = [name for name in names if name not in taken and name not in named_metadata]
    if not roles.text and roles.image is None and features in (None, False):
        _choose_content(source, roles, free)
    if features is True or (features is None and not roles.text and roles.image is None):
        wanted_features = _usable(source, roles, [name for name in free if name not in (*roles.text, roles.image)])
    roles.features = tuple(wanted_features)
    if not roles.text and roles.image is None and not roles.features:
        raise ValueError(
            f"Cannot look at {source.name} as no column beside the label can be used: name a text=, image= or features= column; "
            f"{_listing(source)}"
        )
    if metadata is None or metadata is True:
        roles.metadata = tuple(
            name for name in names if name not in {roles.label, roles.id, roles.split, *roles.text, roles.image} and _is_shown(source, name)
        )
    else:
        roles.metadata = tuple(named_metadata)
    return roles


def _choose_content(source: Source, roles: Roles, free: list[str]) -> None:
    first = next(iter(source.batches(free, raw=(), rows=2000)), None) if free else None
    if first is None:
        return
    images, texts = [], []
    for name, values in zip(free, first.columns, strict=True):
        kind = _content_of(values)
        if kind == "image":
            images.append(name)
        elif kind is not None:
            texts.append((bool(_TEXT_NAMES_REGEXP.match(name)), kind, name))
    if images:
        roles.image = images[0]
        roles.notes.append(f'Column "{images[0]}" holds images: it is what is looked at (image="{images[0]}")')
    elif texts:
        roles.text = (max(texts)[2],)
        others = [name for *_, name in texts if name not in roles.text]
        beside = f"; also text: {_quoted(others)}" if others else ""
        roles.notes.append(f'Column "{roles.text[0]}" holds text: it is what is looked at (text="{roles.text[0]}"){beside}')


def _content_of(values: pa.Array) -> str | float | None:
    known = values.drop_null()
    if len(known) == 0:
        return None
    if pa.types.is_binary(known.type) or pa.types.is_large_binary(known.type):
        return "image" if all(is_image(cell) for cell in known.slice(0, 20).to_pylist()) else None
    if pa.types.is_struct(known.type):
        inner = {field.name for field in known.type}
        return "image" if {"bytes", "path"} <= inner else None
    if not (pa.types.is_string(known.type) or pa.types.is_large_string(known.type)):
        return None
    if looks_like_path(known.slice(0, 20).to_pylist()):
        return "image"
    length = float(pc.mean(pc.utf8_length(known)).as_py())
    is_prose = float(pc.mean(pc.count_substring(known, " ")).as_py()) >= 2
    is_varied = pc.count_distinct(known).as_py() > len(known) / 2
    return length if length >= _LONG_TEXT and is_prose and is_varied else None


def _usable(source: Source, roles: Roles, free: list[str]) -> list[str]:
    numbers = [name for name in free if _ROW_NUMBER_REGEXP.match(name)]
    usable = [name for name in free if name not in numbers and is_usable(source.schema.field(name).type)]
    left_out = [name for name in free if name not in usable]
    counted = "1 column is" if len(usable) == 1 else f"{len(usable)} columns are"
    roles.notes.append(f"{counted} looked at: {_quoted(usable)}" if usable else "No column can be looked at")
    if left_out:
        roles.notes.append(f"Left out, as they number rows or hold nothing that can be counted: {_quoted(left_out)}")
    return usable


def _is_shown(source: Source, name: str) -> bool:
    type_ = source.schema.field(name).type
    return not (pa.types.is_binary(type_) or pa.types.is_large_binary(type_) or pa.types.is_null(type_) or pa.types.is_nested(type_))


def _column(source: Source, name: Any, role: str) -> str:
    names = source.schema.names
    if name is None:
        raise ValueError(f"Cannot look at {source.name} without labels: name the column with {role}=; {_listing(source)}")
    wanted = str(name)
    if wanted in names:
        return wanted
    folded: dict[str, str] = {known.strip().lower(): known for known in names}
    close = difflib.get_close_matches(wanted.strip().lower(), list(folded), n=1, cutoff=0.6)
    hint = f'did you mean "{folded[close[0]]}"? ' if close else ""
    raise ValueError(f'Cannot find the {role} column "{wanted}" in {source.name}: {hint}{_listing(source)}')


def _listing(source: Source) -> str:
    return f"its columns are {_quoted(source.schema.names)}"


def _role_of(name: str, roles: Roles) -> str:
    return "label" if name == roles.label else "id" if name == roles.id else "split"


def _quoted(names: Sequence[str]) -> str:
    shown = ", ".join(f'"{name}"' for name in names[:20])
    return f"{shown} and {len(names) - 20} more" if len(names) > 20 else shown


def _listed(given: Any) -> list[Any]:
    return [] if given is None else [given] if isinstance(given, (str, int)) else list(given)
