"""Closing a run: each writer says what it sent, the last one closes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ._errors import AssayError
from ._parts import Part
from ._rows import Place
from ._sender import send_part
from ._tally import Tally
from ._transport import Transport, is_retryable

_FIRST_DELAY_S = 0.2
_MOST_DELAY_S = 5.0
_POLL_S = 1.0


def manifest_of(counts: Mapping[Place, list[int]]) -> list[dict[str, Any]]:
    """The manifest of parts and rows that were made, (part_kind, split, epoch) each."""
    return [
        {"part_kind": place.part_kind, "split": place.split, "epoch": place.epoch, "parts": parts, "rows": rows}
        for place, (parts, rows) in sorted(counts.items(), key=lambda item: item[0][:3])
    ]


def close_writer(
    transport: Transport,
    run_id: str,
    request: Mapping[str, Any],
    tally: Tally,
    *,
    timeout_s: float,
    delivered: Mapping[tuple[str, str, int, int], Part],
) -> dict[str, Any]:
    """Finish one writer.

    Parts that the server does not have although it acknowledged them are sent again; where we do not have them either, they are lost and
    the run is closed as incomplete.

    Parameters
    ----------
    request : mapping
        Body of the request.
    timeout_s : float
        How long to try while the server does not answer.
    delivered : mapping
        Parts that were delivered.

    Returns
    -------
    receipt : dict
        The server's answer, and ``incomplete``: whether it had to be closed as that.

    Raises
    ------
    AssayError
        If it refuses, or does not answer in time.
    """
    until = time.monotonic() + timeout_s
    delay = _FIRST_DELAY_S
    fewest_missing = float("inf")
    while True:
        try:
            receipt: dict[str, Any] = transport.send("POST", f"ingest/v1/runs/{run_id}/finish", body=request)
            return {**receipt, "incomplete": request["incomplete"]}
        except AssayError as error:
            if error.code == "parts_missing" and not request["incomplete"]:
                count = error.details.get("count", len(error.details["missing"]))
                is_fewer, fewest_missing = count < fewest_missing, count
                if not is_fewer or not _send_missing(transport, run_id, error, tally, delivered):
                    request = {**request, "incomplete": True}
                continue
            wait_s = delay if error.retry_after_s is None else error.retry_after_s
            if not is_retryable(error) or time.monotonic() + wait_s > until:
                raise
        delay = min(_MOST_DELAY_S, delay * 2)
        time.sleep(wait_s)


def close_with_others(
    close: Callable[[bool], dict[str, Any]],
    *,
    timeout_s: float,
    on_wait: Callable[[int], None] = lambda missing: None,
) -> tuple[dict[str, Any], int]:
    """Finish, and wait until the run's other writers have finished too; past `timeout_s` the run is closed as incomplete without them.

    Parameters
    ----------
    close : callable
        Finishes this writer; asked with True closes the run for all.
    on_wait : callable
        Told how many are missing, when the wait begins.

    Returns
    -------
    receipt : dict
        The server's last answer.
    n_left_out : int
        Writers that the run was closed without.
    """
    until = time.monotonic() + timeout_s
    receipt = close(False)
    if receipt["state"] == "open":
        on_wait(receipt["writers_missing"])
    while receipt["state"] == "open":
        if time.monotonic() > until:
            left_out = int(receipt["writers_missing"])
            return close(True), left_out
        time.sleep(_POLL_S)
        receipt = close(False)
    return receipt, 0


def _send_missing(
    transport: Transport,
    run_id: str,
    error: AssayError,
    tally: Tally,
    delivered: Mapping[tuple[str, str, int, int], Part],
) -> bool:
    """Send what a manifest names and the server lacks; False if some of it is gone."""
    gone = n_rows = 0
    for missing in error.details["missing"]:
        part = delivered.get((missing["part_kind"], missing["split"], missing["epoch"], missing["seq"]))
        if part is None or part.content is None:
            gone, n_rows = gone + 1, n_rows + (part.n_rows if part else 0)
        else:
            send_part(transport, run_id, part, part.content)
    if gone:
        tally.lose(n_rows, f"{gone} parts are nowhere, so the run is closed as incomplete: {error}")
    return gone == 0
