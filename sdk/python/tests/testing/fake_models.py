"""A server that stores models, as the API and Storage do; what it got in pieces it keeps when the line is cut."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FakeModels:
    """Listens on 127.0.0.1.

    Attributes
    ----------
    seen : list of str
        Method and path of each request, when it began.
    models, stored : dict
        Descriptions, and bytes of those that are whole, by model id.
    faults : list of (str, int or None, dict)
        Instead of the usual, once each: start of method and path; status of the answer, or None: the line is cut in the middle of the
        request; headers.
    """

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.models: dict[str, Any] = {}
        self.stored: dict[str, bytes] = {}
        self.objects: dict[str, bytes] = {}
        self.uploads: dict[str, tuple[str, int, bytearray]] = {}
        self.faults: list[tuple[str, int | None, dict[str, str]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def fault(self, line: str) -> tuple[int | None, dict[str, str]] | None:
        """What happens to this request."""
        found = next((fault for fault in self.faults if line.startswith(fault[0])), None)
        if found is None:
            return None
        self.faults.remove(found)
        return found[1], found[2]

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, Any, dict[str, str]]:
        """The usual answer: status, body, headers."""
        if path.endswith("/me"):
            return 200, {"projects": [{"project_id": "p"}]}, {}
        if "/storage/" in path:
            return self._storage(method, path, headers, body)
        model_id, _, step = path.partition("/models/")[2].partition("/")
        if not step:
            self.models[model_id] = json.loads(body)
        elif step == "bytes":
            self.stored[model_id] = body
        elif step == "sign":
            place = f"p/models/{model_id}/announced.onnx"
            url = f"{self.url}/storage/v1/object/upload/sign/runs/{place}?token=t"
            return 201, {"bucket": "runs", "path": place, "upload_url": url, "token": "t"}, {}
        elif len(self.objects.get(model_id, b"")) != json.loads(body)["size_bytes"]:
            return 409, {"error": {"code": "conflict", "message": "Cannot complete model: its bytes are not in Storage"}}, {}
        else:
            self.stored[model_id] = self.objects[model_id]
        size = len(self.stored.get(model_id, b""))
        return 200, {"model_id": model_id, **self.models[model_id], "size_bytes": size, "sha256": "ab"}, {}

    def _storage(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, Any, dict[str, str]]:
        from base64 import b64decode

        assert headers["x-signature"] == "t"
        if method == "POST":
            facts = dict(fact.split(" ") for fact in headers["upload-metadata"].split(","))
            name = str(len(self.uploads))
            self.uploads[name] = (b64decode(facts["objectName"]).decode().split("/")[2], int(headers["upload-length"]), bytearray())
            return 201, None, {"Location": f"{path}/{name}"}
        model_id, size, held = self.uploads[path.split("/")[-1]]
        if method == "PATCH":
            if int(headers["upload-offset"]) != len(held):
                return 409, None, {}
            held.extend(body)
            if len(held) == size:
                self.objects[model_id] = bytes(held)
        return 200, None, {"Upload-Offset": str(len(held))}


def _handler_of(server: FakeModels) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            path = self.path.partition("?")[0]
            line = f"{self.command} {path.rpartition('/v1/')[2]}"
            server.seen.append(line)
            length = int(self.headers.get("content-length", 0))
            fault = server.fault(line)
            if fault is not None and fault[0] is None:
                server.answer(self.command, path, self.headers, self.rfile.read(length // 2))
                self.close_connection = True
                self.connection.close()
                return
            body = self.rfile.read(length)
            status, said, more = server.answer(self.command, path, self.headers, body) if fault is None else (fault[0], None, fault[1])
            content = b"" if said is None or self.command == "HEAD" else json.dumps(said).encode()
            self.send_response(status or 500)
            for name, value in {"Content-Length": str(len(content)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_PATCH = do_HEAD = _answer

        def log_message(self, *args: Any) -> None:
            pass

    return Handler
