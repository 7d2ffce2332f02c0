"""Fixtures of all tests: nothing of this machine is seen, and one platform serves those that need a real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from testing.fake_server import FakeServer
from testing.platform import Platform, started_platform

VARIABLES = ("URL", "API_KEY", "MODE", "RUN_ID", "SPOOL", "STRICT", "BUFFER_MB", "FINISH_TIMEOUT_S", "WRITERS_TIMEOUT_S")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of the user's state, empty; no variable of Assay is set."""
    folder = tmp_path / "state"
    for name in VARIABLES:
        monkeypatch.delenv(f"ASSAY_{name}", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    """A server that answers as it is told, named by the environment."""
    server = FakeServer()
    monkeypatch.setenv("ASSAY_URL", server.url)
    monkeypatch.setenv("ASSAY_API_KEY", "key")
    yield server
    server.close()


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """One real platform for the session."""
    with started_platform() as platform:
        yield platform


@pytest.fixture
def server(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """The session's platform (`url`, `api_key`), named by the environment."""
    monkeypatch.setenv("ASSAY_URL", platform.url)
    monkeypatch.setenv("ASSAY_API_KEY", platform.api_key)
    return platform
