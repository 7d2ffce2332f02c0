from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from testing.fake_server import Answer, FakeServer, refusal

from assay import AssayError
from assay._transport import Transport, is_retryable


@pytest.fixture
def transport(fake: FakeServer) -> Iterator[Transport]:
    made = Transport(fake.url, "key", timeout_s=5)
    yield made
    made.close()


def test_a_request_has_key_query_and_json(fake: FakeServer, transport: Transport) -> None:
    assert transport.send("PUT", "ingest/v1/runs/1", query={"a": "é&", "b": None}, body={"name": "日本"}) == {}
    (seen,) = fake.seen
    assert (seen.method, seen.path, seen.query, seen.json()) == ("PUT", "/functions/v1/ingest/v1/runs/1", {"a": "é&"}, {"name": "日本"})
    assert seen.headers["authorization"] == "Bearer key"
    assert seen.headers["content-type"] == "application/json"


def test_content_is_an_arrow_stream(fake: FakeServer, transport: Transport) -> None:
    transport.send("POST", "x", content=b"arrow", headers={"Idempotency-Key": "k"})
    assert fake.seen[0].headers["content-type"] == "application/vnd.apache.arrow.stream"
    assert fake.seen[0].headers["idempotency-key"] == "k"
    assert fake.seen[0].body == b"arrow"


def test_the_path_of_the_base_url_is_kept(fake: FakeServer) -> None:
    Transport(f"{fake.url}/assay/", "key").send("GET", "x")
    assert fake.seen[0].path == "/assay/functions/v1/x"


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "validation_failed", False),
        (401, "unauthenticated", False),
        (409, "run_closed", False),
        (429, "busy", True),
        (500, "internal", True),
        (503, "away", True),
    ],
)
def test_a_refusal_is_an_error_with_its_facts(fake: FakeServer, transport: Transport, status: int, code: str, expected: bool) -> None:
    fake.answer("x", refusal(status, code, details={"count": 1}, Retry_After="7"))
    with pytest.raises(AssayError, match=f"Cannot do it: {code}") as caught:
        transport.send("GET", "x")
    error = caught.value
    assert (error.code, error.status, error.details, error.retry_after_s) == (code, status, {"count": 1}, 7.0)
    assert is_retryable(error) is expected


def test_an_answer_of_something_else_is_shown(fake: FakeServer, transport: Transport) -> None:
    fake.answer("x", Answer(502, "<html>Bad gateway</html>", {}))
    with pytest.raises(AssayError, match="answered 502: .*Bad gateway") as caught:
        transport.send("GET", "x")
    assert caught.value.code == "http_error"


@pytest.mark.parametrize("how", ["cut", "nothing"])
def test_an_answer_that_breaks_off_may_be_asked_for_again(fake: FakeServer, transport: Transport, how: str) -> None:
    fake.answer("x", Answer(200, {"a": "long enough to be cut"}, {}, how))
    with pytest.raises(AssayError, match="Cannot reach") as caught:
        transport.send("GET", "x")
    assert is_retryable(caught.value)
    assert transport.send("GET", "x") == {}


def test_a_connection_is_kept_and_opened_again_when_it_was_closed_while_idle(fake: FakeServer, transport: Transport) -> None:
    transport.send("GET", "x")
    first = transport._connection
    transport.send("GET", "x")
    assert transport._connection is first
    fake.answer("x", Answer(200, {}, {}, "nothing"))
    assert transport.send("GET", "x") == {}
    assert len(fake.seen) == 4


def test_no_server_is_an_error_that_names_it() -> None:
    with pytest.raises(AssayError, match="Cannot reach http://127.0.0.1:9") as caught:
        Transport("http://127.0.0.1:9", "key").send("GET", "x")
    assert is_retryable(caught.value)


def test_a_proxy_is_asked_for_another_machine(fake: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", fake.url.replace("//", "//me:p%40ss@"))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    Transport("http://assay.example", "key").send("GET", "x")
    headers = fake.seen[0].headers
    assert headers["host"] == "assay.example"
    assert headers["proxy-authorization"] == "Basic " + base64.b64encode(b"me:p@ss").decode()
    assert headers["authorization"] == "Bearer key"
