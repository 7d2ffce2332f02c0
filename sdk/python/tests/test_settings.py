from __future__ import annotations

from pathlib import Path

import pytest

from assay._settings import read_settings, state_folder


def test_a_spool_is_where_it_was_said_also_after_a_change_of_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASSAY_SPOOL", "waiting")
    assert read_settings().spool == tmp_path / "waiting"
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ASSAY_SPOOL", "~/waiting")
    assert read_settings().spool == tmp_path / "home" / "waiting"


def test_a_user_without_a_home_has_a_place_that_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setattr(Path, "home", no_home)
    with pytest.raises(OSError, match="assay"):
        (state_folder() / "spool").mkdir(parents=True)
