"""The whole platform as `deno task start` runs it, for tests."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[4]
_STOP_S = 20


class Platform:
    """A platform in a temporary folder, on ports that it keeps over a restart.

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
        self._ports = [str(_free_port()) for _ in range(2)]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")},
            "ASSAY_HOME": str(self.home),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "ASSAY_PORT": self._ports[0],
            "ASSAY_DATABASE_PORT": self._ports[1],
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

    def state(self) -> dict[str, Any]:
        """What it notes in its folder: ids of its processes, URL of its database."""
        state: dict[str, Any] = json.loads((self.home / "state.json").read_text())
        return state

    def kill(self, name: str) -> None:
        """End one of its processes, which it starts again, or ``supervisor`` itself, at once."""
        if name == "supervisor":
            assert self._process
            self._process.kill()
            self._process.wait()
        else:
            os.kill(self.pid_of(name), signal.SIGKILL)

    def pid_of(self, name: str) -> int:
        """Id of one of its processes when it became ready."""
        return next(process["pid"] for process in self.state()["processes"] if process["name"] == name)

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


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
