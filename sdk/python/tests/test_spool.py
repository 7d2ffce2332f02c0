from __future__ import annotations

from pathlib import Path

import pytest

from assay._parts import Part
from assay._rows import Place
from assay._spool import Spool, content_of, next_generation, spools


def part(seq: int, content: bytes = b"line\nline", writer: str = "0") -> Part:
    return Part(Place("outputs", "training", 2, "in_sample"), writer, 0, seq, f"key-{seq}", 5, len(content), content)


def opened(root: Path, run_id: str = "run", writer: str = "0", generation: int = 0) -> Spool:
    spool = Spool(root, run_id, writer, generation)
    assert spool.open()
    return spool


def test_a_part_comes_back_as_it_was(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    kept = [part(0), part(1, bytes(range(256)))]
    for one in kept:
        spool.keep(one)
        one.content = None
    found = spool.parts()
    assert [(p.place, p.writer, p.seq, p.key, p.n_rows, p.nbytes) for p in found] == [
        (p.place, p.writer, p.seq, p.key, p.n_rows, p.nbytes) for p in kept
    ]
    assert [content_of(p) for p in found] == [b"line\nline", bytes(range(256))]
    assert [content_of(p) for p in kept] == [b"line\nline", bytes(range(256))]


def test_a_part_is_kept_once_and_its_file_is_private(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    one = part(0)
    spool.keep(one)
    spool.keep(one)
    (found,) = spool.parts()
    assert found.path is not None
    assert found.path.stat().st_mode & 0o077 == 0
    assert spool.folder.stat().st_mode & 0o077 == 0


def test_what_a_killed_process_left_half_written_is_no_part(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    spool.keep(part(0))
    (spool.folder / "00000002.making").write_bytes(b"half")
    (spool.folder / "00000003.part").write_bytes(b"{no json")
    assert [p.seq for p in spool.parts()] == [0]


def test_a_later_process_writes_beside_what_is_there(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    spool.keep(part(0))
    spool.close()
    again = opened(tmp_path)
    again.keep(part(1))
    assert [p.seq for p in again.parts()] == [0, 1]


def test_a_folder_is_held_by_one_process(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    other = Spool(tmp_path, "run", "0", 0)
    assert not other.open()
    spool.close()
    assert other.open()


def test_states_and_generations_of_writers_with_odd_names(tmp_path: Path) -> None:
    for writer, generation in [("rank 1/ß", 0), ("rank 1/ß", 2), ("~", 10)]:
        opened(tmp_path, "run", writer, generation).write_state(name="é")
    found = list(spools(tmp_path))
    assert [(s.run_id, s.writer, s.generation, s.read_state()["name"]) for s in found] == [
        ("run", "rank 1/ß", 0, "é"),
        ("run", "rank 1/ß", 2, "é"),
        ("run", "~", 10, "é"),
    ]
    assert next_generation(tmp_path, "run", "rank 1/ß") == 3
    assert next_generation(tmp_path, "run", "other") == 0


def test_removing_the_last_folder_removes_the_runs(tmp_path: Path) -> None:
    one, two = opened(tmp_path, writer="0"), opened(tmp_path, writer="1")
    one.remove()
    assert [s.writer for s in spools(tmp_path)] == ["1"]
    two.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_nothing_raises(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file where the folder should be")
    with pytest.raises(OSError):
        Spool(tmp_path, "run", "0", 0).open()


def test_a_part_that_the_disk_has_only_half_is_no_part(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    kept = [part(0), part(1)]
    for one in kept:
        spool.keep(one)
    assert kept[0].path is not None
    kept[0].path.write_bytes(kept[0].path.read_bytes()[:-1])
    assert [p.seq for p in spool.parts()] == [1]
