"""The whole platform as `deno task start` runs it, for tests."""

from __future__ import annotations

import base64
import hmac
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[4]
_STOP_S = 20
_ENTRIES = {
    "database": "/bin/postgres",
    "storage": "local/storage/main.ts",
    "queue": "local/queue/main.ts",
    "gateway": "local/gateway/main.ts",
    "ingest": "functions/ingest/index.ts",
    "api": "functions/api/index.ts",
    "worker": "gpu-worker/main.ts",
}
_QUERY = """
import postgres from "postgres";
const sql = postgres(Deno.args[0]!, { max: 1 });
console.log(JSON.stringify(await sql.unsafe(Deno.args[1]!)));
await sql.end();
"""


class Platform:
    """A platform in a temporary folder, on a port that it keeps over a restart.

    Attributes
    ----------
    url, api_key : str
        Where it listens, and a key with every scope.
    home : Path
        Folder of its state.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="assay-python-"))
        self.folder.chmod(0o755)  # as root, PostgreSQL runs as another user
        self.home = self.folder / "home"
        self.url = self.api_key = ""
        self._port = str(_free_port())
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")},
            "ASSAY_HOME": str(self.home),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "ASSAY_PORT": self._port,
            "ASSAY_DATABASE_PORT": "",
            "DATABASE_URL": "",
            "ASSAY_DEVICE": "cpu",
        }
        command = ["deno", "run", "-A", "--quiet", str(ROOT / "local" / "main.ts"), "--json", "--until-stdin-closes"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=ROOT, env=env, stdin=pipe, stdout=pipe, text=True, start_new_session=True)
        assert self._process.stdout
        said = []
        for line in self._process.stdout:
            event = json.loads(line)
            said.append(event)
            if event["event"] == "ready":
                self.url, self.api_key = event["url"], event["api_key"]
                return
        raise RuntimeError(f"The platform ended before it was ready: {said}")

    def kill(self, name: str) -> None:
        """End one of its processes at once, which it then starts again; ``supervisor``: the one that does so, and all others."""
        if name == "supervisor":
            assert self._process
            self._process.kill()
            self._process.wait()
        elif name in (pids := self.pids()):
            os.kill(pids[name], signal.SIGKILL)

    def is_running(self) -> bool:
        """Whether its supervisor runs."""
        return self._process is not None and self._process.poll() is None

    def pids(self) -> dict[str, int]:
        """Ids of its processes as they are now, by name."""
        assert self._process
        listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], check=True, stdout=subprocess.PIPE, text=True).stdout
        found = {}
        for line in listed.splitlines():
            pid, parent, command = line.split(maxsplit=2)
            name = next((name for name, entry in _ENTRIES.items() if entry in command), None)
            if name and int(parent) == self._process.pid:
                found[name] = int(pid)
        return found

    def sql(self, query: str) -> list[dict[str, Any]]:
        """Rows of a query, as the database's owner; columns must be what JSON can hold."""
        state = json.loads((self.home / "state.json").read_text())
        command = ["deno", "eval", "--ext=ts", _QUERY, state["databaseUrl"], query]
        return list(json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout))

    def download(self, path: str) -> bytes:
        """An object of the bucket `runs`, through the Storage API."""
        request = urllib.request.Request(
            f"{self.url}/storage/v1/object/runs/{path}", headers={"Authorization": f"Bearer {self._service_key()}"}
        )
        with urllib.request.urlopen(request) as response:
            return bytes(response.read())

    def _service_key(self) -> str:
        secret = json.loads((self.home / "installation.json").read_text())["jwtSecret"]
        claims = {"role": "service_role", "iss": "assay-local", "iat": int(time.time()), "exp": int(time.time()) + 3600}
        signed = ".".join(_base64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
        return f"{signed}.{_base64(hmac.digest(secret.encode(), signed.encode(), 'sha256'))}"

    def stop(self) -> None:
        """Stop it and remove its folder."""
        process, self._process = self._process, None
        try:
            if process and process.poll() is None:
                assert process.stdin
                process.stdin.close()
                process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def started_platform() -> Iterator[Platform]:
    """A platform while it is needed; without Deno the test is skipped."""
    if not shutil.which("deno"):
        pytest.skip("no deno: install it to test the Python SDK against a real platform")
    platform = Platform()
    try:
        platform.start()
        yield platform
    finally:
        platform.stop()
