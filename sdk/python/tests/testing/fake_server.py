"""A server that notes what it gets and answers what a test says; by default it takes everything."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Seen:
    """A request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


@dataclass
class Answer:
    """What it says, and how.

    Parameters
    ----------
    how : str
        ``whole``; ``cut``: the connection ends in the middle of the answer; ``nothing``: before it.
    """

    status: int
    body: Any
    headers: dict[str, str]
    how: str = "whole"


def refusal(status: int, code: str, *, details: Any = None, how: str = "whole", **headers: str) -> Answer:
    """An error as the server gives it."""
    error = {"code": code, "message": f"Cannot do it: {code}", "request_id": "r", **({"details": details} if details else {})}
    return Answer(status, {"error": error}, {name.replace("_", "-"): value for name, value in headers.items()}, how)


class FakeServer:
    """Listens on 127.0.0.1.

    Attributes
    ----------
    seen : list of Seen
        Requests so far.
    looked : list of Seen
        Questions whether a run is there, which are not among these; it is not, unless `answers` of a path from
        ``api/`` say so.
    answers : dict
        For requests whose path ends so: answers to come instead of success, first in first out.
    """

    def __init__(self, port: int = 0) -> None:
        self.seen: list[Seen] = []
        self.looked: list[Seen] = []
        self.answers: dict[str, deque[Answer]] = {}
        self.on_request: Callable[[Seen], None] = lambda seen: None
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler_of(self))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, path_end: str, *answers: Answer) -> None:
        """Answer the next requests so."""
        self.answers.setdefault(path_end, deque()).extend(answers)

    def parts(self) -> list[Seen]:
        """Parts that came, those it refused included."""
        return [seen for seen in self.seen if seen.path.endswith("/parts")]

    def finishes(self) -> list[Any]:
        """Bodies of requests to finish."""
        return [seen.json() for seen in self.seen if seen.path.endswith("/finish")]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


def _usual(path: str) -> Answer:
    if path.endswith("/finish"):
        return Answer(202, {"run_id": "r", "state": "closed", "job_id": "job-1", "writers_missing": 0}, {})
    if "/jobs/" in path:
        return Answer(200, {"state": "succeeded", "stage": "score", "fraction": 1, "error": None}, {})
    return Answer(200, {}, {})


def _handler_of(server: FakeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen = Seen(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
            is_look = seen.method == "GET" and parts.path.split("/")[-2] == "runs"
            (server.looked if is_look else server.seen).append(seen)
            server.on_request(seen)
            ends = (end for end, answers in server.answers.items() if answers and (end.startswith("api/") or not is_look))
            waiting = next((server.answers[end] for end in ends if parts.path.endswith(end)), None)
            usual = refusal(404, "not_found") if is_look else _usual(parts.path)
            self._say(waiting.popleft() if waiting else usual)

        def _say(self, answer: Answer) -> None:
            content = json.dumps(answer.body).encode()
            if answer.how == "nothing":
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if answer.how == "cut" else content)
            self.close_connection = self.close_connection or answer.how == "cut"

        do_GET = do_PUT = do_POST = do_DELETE = _answer

        def log_message(self, *args: Any) -> None:
            pass

    return Handler
