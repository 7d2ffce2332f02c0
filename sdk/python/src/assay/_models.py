"""Stored ONNX models, to be run over samples again by the worker."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ._errors import AssayError
from ._project import own_project
from ._reader import Reader
from ._server import Server

#: What goes through the API; larger ones go straight to Storage.
_MOST_THROUGH_API = 32 * 1024 * 1024


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
    model: str | os.PathLike[str] | bytes,
    *,
    name: str | None,
    input_kind: str,
    class_names: Sequence[Any],
    preprocessing: Mapping[str, Any] | None,
    input_name: str | None,
    outputs: Mapping[str, str | None] | None,
    project_id: str | None,
) -> Model:
    """Say what a model is, then send its bytes; sent again, either changes nothing."""
    if isinstance(model, bytes):
        content = model
    else:
        content = Path(model).read_bytes()
        name = name or Path(model).stem
    if not content:
        raise ValueError("Cannot upload model as it must have bytes: current value is empty")
    reader = Reader(server, "")
    path = f"models/{uuid.uuid4()}"
    spec = {
        "project_id": project_id or own_project(server),
        "name": name or "model",
        "input_kind": input_kind,
        "input_name": input_name,
        "preprocessing": None if preprocessing is None else dict(preprocessing),
        "class_names": [str(label) for label in class_names],
        "outputs": {"logits": None, "probs": None, "embedding": None, **(outputs or {})},
    }
    reader.ask("PUT", path, body=spec)
    stored = reader.ask("PUT", f"{path}/bytes", content=content) if len(content) <= _MOST_THROUGH_API else _straight(reader, path, content)
    return Model(
        str(stored["model_id"]),
        str(stored["name"]),
        tuple(stored["class_names"]),
        int(stored["size_bytes"]),
        str(stored["sha256"]),
    )


def _straight(reader: Reader, path: str, content: bytes) -> Any:
    import hashlib
    import urllib.request

    said = {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    place = reader.ask("POST", f"{path}/sign", body=said)
    request = urllib.request.Request(place["upload_url"], data=content, method="PUT")
    request.add_header("Content-Type", "application/octet-stream")
    try:
        with urllib.request.urlopen(request, timeout=300):
            pass
    except OSError as error:
        raise AssayError("unreachable", 0, f"Cannot send the model's bytes to Storage ({error})") from error
    return reader.ask("POST", f"{path}/complete", body=said)
