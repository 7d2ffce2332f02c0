"""What the server found in a run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ._errors import AssayError
from ._server import Server
from ._transport import Transport, is_retryable

_PAGE = 500
_GIVE_UP_S = 60.0


class Reader:
    """Reads one run over the API.

    Parameters
    ----------
    server : Server
        Where it is.
    run_id : str
        The run.
    """

    def __init__(self, server: Server, run_id: str) -> None:
        self.server = server
        self._transport = Transport(server.url, server.api_key)
        self._run_id = run_id

    def summary(self) -> dict[str, Any]:
        """What the run came to; empty before it is scored."""
        return self._get(f"runs/{self._run_id}").get("summary") or {}

    def worst(self, n: int, conditions: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The worst `n` samples, worst first."""
        rows: list[dict[str, Any]] = []
        cursor = None
        while len(rows) < n:
            page = self._get(f"runs/{self._run_id}/samples", {**conditions, "limit": min(_PAGE, n - len(rows)), "cursor": cursor})
            rows.extend(page["rows"])
            cursor = page["next_cursor"]
            if not cursor:
                break
        return rows

    def wait(self, job_id: str, on_progress: Callable[[str, float], None]) -> None:
        """Wait until a job has ended.

        Raises
        ------
        AssayError
            ``job_failed`` with the job's own sentence.
        """
        pause_s = 0.1
        while True:
            job = self._get(f"jobs/{job_id}")
            if job["state"] == "succeeded":
                return
            if job["state"] in ("failed", "cancelled"):
                raise AssayError("job_failed", 0, job["error"] or f"The job was {job['state']}")
            on_progress("waiting for a worker" if job["state"] == "queued" else f"scoring ({job['stage']})", job["fraction"])
            time.sleep(pause_s)
            pause_s = min(1.0, pause_s * 1.2)

    def pages(self, path: str, query: Mapping[str, Any]) -> list[dict[str, Any]]:
        """All rows of a list below the run."""
        rows: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = self._get(f"runs/{self._run_id}/{path}", {**query, "limit": _PAGE, "cursor": cursor})
            rows.extend(page["rows"])
            cursor = page["next_cursor"]
            if not cursor:
                return rows

    def send(self, method: str, path: str, body: Any = None, *, query: Mapping[str, Any] | None = None) -> Any:
        """A request below the run that changes nothing when it is sent again."""
        return self.ask(method, f"runs/{self._run_id}/{path}", query, body)

    def _get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        return self.ask("GET", path, query)

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Any:
        """A request that changes nothing when it is sent again."""
        until: float | None = None  # from the first failure on: it may have taken longer
        delay_s = 0.2
        while True:
            try:
                return self._transport.send(method, f"api/v1/{path}", query=query, body=body, content=content, headers=headers)
            except AssayError as error:
                wait_s = delay_s if error.retry_after_s is None else error.retry_after_s
                now = time.monotonic()
                until = now + _GIVE_UP_S if until is None else until
                if not is_retryable(error) or now + wait_s > until:
                    raise
            delay_s = min(5.0, delay_s * 2)
            time.sleep(wait_s)
