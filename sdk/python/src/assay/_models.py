"""Stored ONNX models, to be run over samples again by the worker."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ._errors import AssayError
from ._plain import plain
from ._project import own_project
from ._reader import Reader
from ._server import Server
from ._storage_upload import sent_to_storage
from .progress import Progress

#: What goes through the API in one request; larger ones go straight to Storage, in pieces.
_MOST_AT_ONCE = 8_000_000
#: What a server takes.
_MOST_BYTES = 256 * 1024 * 1024
#: How often an upload in pieces is begun anew where Storage does not know it any more.
_MOST_STARTS = 3


@dataclass(frozen=True)
class Model:
    """A stored model: `assay.rescore` takes it as ``model_id``.

    Attributes
    ----------
    model_id : str
        The model.
    name : str
        What people call it.
    class_names : tuple of str
        Its classes, in the order of its outputs.
    size_bytes : int
        Of its file.
    sha256 : str
        Of its file, in hex.
    """

    model_id: str
    name: str
    class_names: tuple[str, ...]
    size_bytes: int
    sha256: str


def uploaded(
    server: Server,
    model: str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO,
    *,
    name: str | None,
    input_kind: str,
    class_names: Iterable[Any],
    preprocessing: Mapping[str, Any] | None,
    input_name: str | None,
    outputs: Mapping[str, str | None] | None,
    project_id: str | None,
    model_id: str | None = None,
) -> Model:
    """Say what a model is, then send its bytes; sent again, either changes nothing."""
    if isinstance(model, bytes | bytearray | memoryview):
        content = bytes(model)
    elif hasattr(model, "read"):
        content = model.read(_MOST_BYTES + 1)
        name = name or Path(str(getattr(model, "name", ""))).stem
    else:
        _check_size(os.stat(model).st_size)
        content = Path(model).read_bytes()
        name = name or Path(model).stem
    _check_size(len(content))
    if not content:
        raise ValueError("Cannot upload model as it must have bytes: current value is empty")
    if isinstance(class_names, str):
        raise ValueError(f"Cannot upload model as class_names must be a list of names: current value is {class_names!r}")
    reader = Reader(server, "")
    path = f"models/{model_id or uuid.uuid4()}"
    spec = {
        "project_id": project_id or own_project(server),
        "name": name or "model",
        "input_kind": input_kind,
        "input_name": input_name,
        "preprocessing": None if preprocessing is None else {key: plain(value) for key, value in preprocessing.items()},
        "class_names": [str(label) for label in class_names],
        "outputs": {"logits": None, "probs": None, "embedding": None, **(outputs or {})},
    }
    reader.ask("PUT", path, body=spec)
    if len(content) > _MOST_AT_ONCE:
        stored = _straight(reader, path, content, model_id)
    else:
        stored = reader.ask("PUT", f"{path}/bytes", content=content, headers={"Content-Type": "application/octet-stream"})
    return Model(
        str(stored["model_id"]),
        str(stored["name"]),
        tuple(stored["class_names"]),
        int(stored["size_bytes"]),
        str(stored["sha256"]),
    )


def _straight(reader: Reader, path: str, content: bytes, model_id: str | None) -> Any:
    import hashlib

    said = {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    may_be_there = model_id is not None
    progress = Progress()
    try:
        for start in range(_MOST_STARTS + 1):
            if may_be_there:
                try:
                    return reader.ask("POST", f"{path}/complete", body=said)
                except AssayError as error:
                    if error.code != "conflict" or start == _MOST_STARTS:
                        raise
            place = reader.ask("POST", f"{path}/sign", body=said)
            if "sha256" in place:
                return place  # it was stored before
            sent_to_storage(place, content, lambda fraction: progress.update("sending the model", fraction))
            may_be_there = True  # also where another upload was faster
        return reader.ask("POST", f"{path}/complete", body=said)
    finally:
        progress.close()


def _check_size(size_bytes: int) -> None:
    if size_bytes > _MOST_BYTES:
        raise ValueError(f"Cannot upload model as it may have at most {_MOST_BYTES} bytes: it has {size_bytes}")
