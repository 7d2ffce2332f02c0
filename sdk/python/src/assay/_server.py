"""Where to log: what was given, else the environment, else a server on this machine."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from ._errors import AssayError
from ._settings import state_folder
from ._transport import Transport

_HEALTH_TIMEOUT_S = 2.0


class Server(NamedTuple):
    """A server and the key for it.

    Parameters
    ----------
    url : str
        Base URL, without a slash at its end.
    api_key : str
        Its key.
    """

    url: str
    api_key: str

    def noted(self) -> dict[str, str]:
        """What may be on disk of it: its URL, and the public id of the key."""
        kind, _, rest = self.api_key.partition("_")
        return {"url": self.url, "key_id": rest.partition("_")[0] if kind == "assay" and "_" in rest else ""}

    def is_noted(self, noted: Mapping[str, str]) -> bool:
        """Whether it is the one that was noted; one on this machine may have another port since."""
        own = self.noted()
        return own["url"] == noted.get("url") or bool(own["key_id"]) and own["key_id"] == noted.get("key_id")


def find_server(url: str | None = None, api_key: str | None = None) -> Server | None:
    """The server to log to; None where there is none, or no key for it.

    A server named by `url` or `ASSAY_URL` is taken at its word; one that runs on this machine is asked whether it is well.
    """
    url = url or os.environ.get("ASSAY_URL")
    api_key = api_key or os.environ.get("ASSAY_API_KEY")
    url = check_url(url).rstrip("/") if url else None
    if url and api_key:
        return Server(url, api_key)
    for local in _local_servers():
        if url and local.url != url:
            continue
        if url or _is_well(local):
            return Server(local.url, api_key or local.api_key)
    return None


def check_url(url: str) -> str:
    """The URL, if it is one.

    Raises
    ------
    ValueError
        If it has no scheme or host.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f'Cannot start as url (or ASSAY_URL) must begin with http:// or https:// and a host: current value is "{url}"')
    return url


def knows_run(server: Server, run_id: str) -> bool:
    """Whether the server has a run already; False if it does not say in time."""
    transport = Transport(server.url, server.api_key, timeout_s=_HEALTH_TIMEOUT_S)
    try:
        transport.send("GET", f"api/v1/runs/{run_id}")
    except AssayError:
        return False
    finally:
        transport.close()
    return True


def no_server(url: str | None = None) -> str:
    """The sentence that says why `find_server` found none."""
    url = url or os.environ.get("ASSAY_URL")
    if url:
        return f"Cannot log to {url} as no API key is known: set ASSAY_API_KEY"
    return "Cannot find an Assay server: start one on this machine, or set ASSAY_URL and ASSAY_API_KEY"


def _local_servers() -> list[Server]:
    try:
        entries = json.loads((state_folder() / "servers.json").read_text("utf-8"))
        return [Server(str(entry["url"]).rstrip("/"), str(entry["api_key"])) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _is_well(server: Server) -> bool:
    transport = Transport(server.url, server.api_key, timeout_s=_HEALTH_TIMEOUT_S)
    try:
        transport.send("GET", "ingest/v1/health")
    except AssayError:
        return False
    finally:
        transport.close()
    return True
