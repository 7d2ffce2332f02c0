"""Requests over one connection that is kept open."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, quote, unquote, urlsplit

from ._errors import AssayError
from ._version import __version__

if TYPE_CHECKING:
    import http.client

ARROW = "application/vnd.apache.arrow.stream"

_MOST_RETRY_AFTER_S = 60.0


class Transport:
    """Sends requests to one server, one at a time. Not for several threads.

    Parameters
    ----------
    url : str
        Base URL.
    api_key : str
        Sent as a bearer token.
    timeout_s : float, default=60.0
        Longest silence of the server.
    """

    def __init__(self, url: str, api_key: str, *, timeout_s: float = 60.0) -> None:
        self.url = url
        self._api_key = api_key
        self._timeout_s = timeout_s
        self._connection: http.client.HTTPConnection | None = None
        self._prefix = ""
        self._for_proxy: dict[str, str] = {}

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send one request once and return the answer's JSON.

        Parameters
        ----------
        method : str
            Such as ``PUT``.
        path : str
            Below ``/functions/v1``.
        query : mapping, optional
            Parameters; those that are None are left out.
        body : optional
            Sent as JSON.
        content : bytes, optional
            Sent as an Arrow stream, unless `headers` say otherwise.

        Raises
        ------
        AssayError
            If the server refuses or does not answer; `is_retryable` tells which.
        """
        target = f"/functions/v1/{path}"
        given = {name: value for name, value in (query or {}).items() if value is not None}
        if given:
            target += "?" + "&".join(f"{quote(name, safe='')}={quote(str(value), safe='')}" for name, value in given.items())
        sent = {"Authorization": f"Bearer {self._api_key}", "User-Agent": f"assay-python/{__version__}", **(headers or {})}
        if content is not None:
            sent.setdefault("Content-Type", ARROW)
        elif body is not None:
            sent["Content-Type"] = "application/json"
            content = json.dumps(body, allow_nan=False).encode()
        status, retry_after, answer = self._exchange(method, target, content, sent)
        if 200 <= status < 300:
            try:
                return json.loads(answer)
            except ValueError:
                raise AssayError("http_error", 0, f"Cannot read the answer of {self.url}: it is no JSON") from None
        error = _error_of(status, answer)
        error.retry_after_s = retry_after
        raise error

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        connection, self._connection = self._connection, None
        if connection:
            connection.close()

    def _exchange(self, method: str, target: str, content: bytes | None, headers: dict[str, str]) -> tuple[int, float | None, bytes]:
        import http.client

        is_reused = self._connection is not None
        try:
            if self._connection is None:
                self._connection = self._connect()
            self._connection.request(method, self._prefix + target, content, {**headers, **self._for_proxy})
            response = self._connection.getresponse()
            answer = response.read()
            if response.will_close:
                self.close()
            return response.status, _seconds(response.getheader("Retry-After")), answer
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if is_reused and isinstance(error, (http.client.RemoteDisconnected, ConnectionError)):
                return self._exchange(method, target, content, headers)  # it was closed while idle
            raise AssayError("unreachable", 0, f"Cannot reach {self.url} ({error or type(error).__name__})") from error
        except BaseException:
            self.close()  # an answer may be half read
            raise

    def _connect(self) -> http.client.HTTPConnection:
        import http.client
        import urllib.request

        parts = urlsplit(self.url)
        host = parts.hostname or ""
        is_tls = parts.scheme == "https"
        kind = http.client.HTTPSConnection if is_tls else http.client.HTTPConnection
        proxy = None if urllib.request.proxy_bypass(host) else urllib.request.getproxies().get(parts.scheme)
        self._prefix, self._for_proxy = parts.path.rstrip("/"), {}
        if not proxy or host in ("127.0.0.1", "localhost", "::1"):
            return kind(host, parts.port, timeout=self._timeout_s)
        via = urlsplit(proxy if "//" in proxy else f"//{proxy}")
        connection = kind(via.hostname or "", via.port, timeout=self._timeout_s)
        allowed = _allowed(via)
        if is_tls:
            connection.set_tunnel(host, parts.port, allowed)
        else:
            self._prefix, self._for_proxy = self.url, allowed
        return connection


def is_retryable(error: AssayError) -> bool:
    """Whether the same request may go through later: no answer, an overloaded server, or one with a fault of its own."""
    return error.status in (0, 408, 425, 429) or error.status >= 500


def _allowed(via: SplitResult) -> dict[str, str]:
    """What a proxy wants to see of whoever has a name for it."""
    if via.username is None:
        return {}
    who = f"{unquote(via.username)}:{unquote(via.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(who.encode()).decode()}"}


def _seconds(text: str | None) -> float | None:
    try:
        return min(_MOST_RETRY_AFTER_S, max(0.0, float(text))) if text else None
    except ValueError:
        return None


def _error_of(status: int, answer: bytes) -> AssayError:
    try:
        error = json.loads(answer)["error"]
        return AssayError(str(error["code"]), status, str(error["message"]), error.get("details"))
    except (ValueError, KeyError, TypeError, AttributeError):
        text = answer[:200].decode("utf-8", "replace")
        return AssayError("http_error", status, f"The server answered {status}: {text}")
