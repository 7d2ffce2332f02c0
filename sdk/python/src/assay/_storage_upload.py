"""Large bytes straight to Storage, in pieces that survive a broken connection."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from ._errors import AssayError
from ._transport import is_retryable

_PIECE = 6 * 1024 * 1024  # Storage at Supabase takes no other size but in the last piece
_GIVE_UP_S = 60.0
_MOST_CONFLICTS = 4


def sent_to_storage(place: Mapping[str, Any], content: bytes, on_sent: Callable[[float], None]) -> bool:
    """Send bytes in pieces; after a cut ask what has arrived, and go on there.

    Follows the tus resumable upload protocol 1.0.0: core and creation.

    Parameters
    ----------
    place : mapping
        ``bucket``, ``path``, ``upload_url`` and ``token``, as the server gives them.
    content : bytes
        All of them.
    on_sent : callable
        Told the share that is there for good, 0 to 1.

    Returns
    -------
    bool
        Whether they are there. False: the upload is gone, or another one was faster.

    Raises
    ------
    AssayError
        If Storage refuses them, or takes nothing for a minute.
    """
    endpoint = str(place["upload_url"]).partition("/object/upload/sign/")[0] + "/upload/resumable/sign"
    facts = {"bucketName": place["bucket"], "objectName": place["path"], "contentType": "application/octet-stream"}
    metadata = ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in facts.items())
    signed = {"Tus-Resumable": "1.0.0", "X-Signature": str(place["token"])}
    begin = {**signed, "Upload-Length": str(len(content)), "Upload-Metadata": metadata}
    location: str | None = None
    sent, is_known, conflicts = 0, True, 0
    until: float | None = None  # from the first failure on: a lost piece takes its time
    delay_s = 0.2
    while location is None or sent < len(content):
        try:
            if location is None:
                location = _ask("POST", endpoint, begin, b"").get("location")
                if location is None:
                    return False
                is_known, until, delay_s = True, None, 0.2
                continue
            if is_known:
                piece = {**signed, "Content-Type": "application/offset+octet-stream", "Upload-Offset": str(sent)}
                said = _ask("PATCH", location, piece, content[sent : sent + _PIECE])
            else:
                said = _ask("HEAD", location, signed, None)
            if not said.get("upload-offset", "").isdigit():
                return False
            offset = int(said["upload-offset"])
            if offset > sent:
                until, delay_s, conflicts = None, 0.2, 0
                on_sent(offset / len(content))
            sent, is_known = offset, True
        except AssayError as error:
            conflicts += error.status == 409  # a request of ours that was cut may still be at work: then look again
            if error.status in (404, 410) or (error.status == 409 and (location is None or conflicts > _MOST_CONFLICTS)):
                return False
            wait_s = delay_s if error.retry_after_s is None else error.retry_after_s
            is_passing = is_retryable(error) or error.status in (409, 423)
            now = time.monotonic()
            until = now + _GIVE_UP_S if until is None else until
            if not is_passing or now + wait_s > until:
                raise
            is_known, delay_s = False, min(5.0, delay_s * 2)
            time.sleep(wait_s)
    return True


def _ask(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> dict[str, str]:
    """Headers of the answer, their names in small letters."""
    import http.client
    import urllib.error
    import urllib.request
    from urllib.parse import urljoin

    request = urllib.request.Request(url, data=body, method=method, headers=dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            found = {name.lower(): str(value) for name, value in answer.headers.items()}
    except urllib.error.HTTPError as error:
        with error:
            text = error.read(200).decode("utf-8", "replace").strip()
        problem = AssayError("http_error", error.code, f"Cannot send the model's bytes to Storage: it answered {error.code} {text}".strip())
        asked = error.headers.get("Retry-After", "")
        problem.retry_after_s = min(60.0, float(asked)) if asked.isdigit() else None
        raise problem from error
    except (OSError, http.client.HTTPException) as error:
        raise AssayError("unreachable", 0, f"Cannot send the model's bytes to Storage ({error or type(error).__name__})") from error
    if "location" in found:
        found["location"] = urljoin(url, found["location"])
    return found
