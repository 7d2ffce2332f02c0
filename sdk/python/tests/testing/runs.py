"""What tests of runs have in common."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pyarrow as pa

import assay

RUN_ID = "11111111-2222-4333-8444-555555555555"
OTHER_ID = "11111111-2222-4333-8444-666666666666"
LOGITS = np.array([[0.5, -0.5], [0.25, 1.5]], np.float32)


def log(run: assay.Run, epoch: int = 0, ids: Any = ("a", "b"), logits: Any = LOGITS) -> None:
    run.log_outputs(list(ids), logits, epoch=epoch)


def read(content: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pa.ipc.open_stream(content).read_all().to_pylist()
    return rows


def wait_for(condition: Any, timeout_s: float = 10) -> None:
    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)
