from __future__ import annotations

import json
from pathlib import Path

import pytest
from testing.fake_server import FakeServer

from assay._server import find_server, no_server


def announce(state: Path, *entries: dict[str, str]) -> None:
    (state / "assay").mkdir(parents=True)
    (state / "assay" / "servers.json").write_text(json.dumps(entries))


def test_what_is_given_wins_then_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_URL", "http://there:1/")
    monkeypatch.setenv("ASSAY_API_KEY", "k")
    assert find_server() == ("http://there:1", "k")
    assert find_server("http://here:2", "j") == ("http://here:2", "j")


def test_a_server_that_answers_on_this_machine_is_found(fake: FakeServer, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASSAY_URL")
    monkeypatch.delenv("ASSAY_API_KEY")
    assert find_server() is None
    announce(state, {"url": "http://127.0.0.1:9", "api_key": "dead"}, {"url": fake.url, "api_key": "k"})
    assert find_server() == (fake.url, "k")
    assert find_server(fake.url) == (fake.url, "k")
    assert [seen.path for seen in fake.seen] == ["/functions/v1/ingest/v1/health"]
    assert find_server("http://there:1") is None
    assert "set ASSAY_API_KEY" in no_server("http://there:1")


def test_a_broken_file_names_no_server(state: Path) -> None:
    announce(state)
    (state / "assay" / "servers.json").write_text("{")
    assert find_server() is None
    assert "start one on this machine" in no_server()
