"""What was not sent yet, on disk: one folder for each writer and generation of a run.

``<root>/<run id>/<writer>~<generation>/`` holds ``state.json``, ``lock`` (held while the process that logs lives) and ``00000001.part``,
...: a line of JSON that says where the rows belong, then the bytes to be sent. Files are written aside and renamed, so each is whole.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from ._lock import FileLock
from ._parts import Part
from ._rows import Place

_STATE = "state.json"


class Spool:
    """Folder of one writer and generation of a run.

    Parameters
    ----------
    root : Path
        Folder of all runs.
    run_id, writer, generation : str, str, int
        Whose.
    """

    def __init__(self, root: Path, run_id: str, writer: str, generation: int) -> None:
        self.root = root
        self.run_id = run_id
        self.writer = writer
        self.generation = generation
        self.folder = root / run_id / f"{quote(writer, safe='')}~{generation}"
        self._lock = FileLock(self.folder / "lock")
        self._next = 1
        self._writing = threading.Lock()

    def open(self) -> bool:
        """Make the folder and hold it; False if another process holds it.

        Raises
        ------
        OSError
            If it cannot be made.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._lock.take():
            return False
        numbers = [int(path.stem) for path in self.folder.glob("*.part") if path.stem.isdigit()]
        self._next = max(numbers, default=0) + 1
        return True

    def close(self) -> None:
        """Let go of the folder."""
        self._lock.release()

    def forget(self) -> None:
        """After a fork: the folder is the parent's."""
        self._lock.forget()

    def keep(self, part: Part) -> None:
        """Write a part to disk, and note where.

        Raises
        ------
        OSError
            If the disk does not take it.
        """
        kind, split, epoch, prediction_kind = part.place
        head = {
            "part_kind": kind,
            "split": split,
            "epoch": epoch,
            "prediction_kind": prediction_kind,
            "writer": part.writer,
            "generation": part.generation,
            "seq": part.seq,
            "key": part.key,
            "n_rows": part.n_rows,
            "nbytes": part.nbytes,
        }
        with self._writing:
            if part.path is not None or part.content is None:
                return
            path = self.folder / f"{self._next:08d}.part"
            _write(path, json.dumps(head).encode() + b"\n", part.content)
            self._next += 1
            part.path = path

    def parts(self) -> list[Part]:
        """Parts on disk, oldest first, without their contents; a file that is no part is left alone."""
        found = []
        for path in sorted(self.folder.glob("*.part")):
            try:
                with path.open("rb") as file:
                    head = json.loads(file.readline())
                    at = file.tell()
                place = Place(head["part_kind"], head["split"], head["epoch"], head["prediction_kind"])
                nbytes = path.stat().st_size - at
                if nbytes != head.get("nbytes", nbytes):  # the power went off before the disk had it
                    continue
                found.append(Part(place, head["writer"], head["generation"], head["seq"], head["key"], head["n_rows"], nbytes, None, path))
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return found

    def read_state(self) -> dict[str, Any]:
        """The state; empty if there is none."""
        try:
            state = json.loads((self.folder / _STATE).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def write_state(self, **facts: Any) -> None:
        """Change some facts of the state.

        Raises
        ------
        OSError
            If the disk does not take it.
        """
        with self._writing:
            state = {**self.read_state(), "run_id": self.run_id, "writer": self.writer, "generation": self.generation, **facts}
            _write(self.folder / _STATE, json.dumps(state).encode(), is_synced=True)

    def remove(self) -> None:
        """Remove the folder: the server has it all."""
        self._lock.release()
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):  # other writers have folders there
            self.folder.parent.rmdir()


def content_of(part: Part) -> bytes:
    """Bytes of a part, from memory or disk.

    Raises
    ------
    OSError
        If its file is gone.
    """
    content, path = part.content, part.path
    if content is not None:
        return content
    if path is None:
        raise FileNotFoundError(f"part {part.key} is nowhere")
    with path.open("rb") as file:
        file.readline()
        return file.read()


def spools(root: Path, run_id: str | None = None) -> Iterator[Spool]:
    """Folders of all runs, or of one: by run, writer, generation."""
    runs = [root / run_id] if run_id else sorted(_folders(root))
    for run in runs:
        found = []
        for folder in _folders(run):
            writer, mark, generation = folder.name.rpartition("~")
            if mark and generation.isdigit():
                found.append((unquote(writer), int(generation)))
        for writer, number in sorted(found):
            yield Spool(root, run.name, writer, number)


def next_generation(root: Path, run_id: str, writer: str) -> int:
    """One more than the highest generation of a writer that this machine knows; 0 without one."""
    known = [spool.generation for spool in spools(root, run_id) if spool.writer == writer]
    return max(known, default=-1) + 1


def _folders(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir()]
    except OSError:
        return []


def _write(path: Path, *pieces: bytes, is_synced: bool = False) -> None:
    making = path.with_suffix(".making")
    try:
        descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            for piece in pieces:
                file.write(piece)
            if is_synced:  # without its state, what is on disk could not be sent
                file.flush()
                os.fsync(descriptor)
        os.replace(making, path)
    except OSError:
        making.unlink(missing_ok=True)
        raise
