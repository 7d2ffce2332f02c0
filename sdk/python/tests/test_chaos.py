"""A platform that is killed again and again while a training logs: every row is there once, byte for byte.

`ASSAY_CHAOS_MB` (100) is how much is logged, `ASSAY_CHAOS_S` (25) how long that takes at least, `ASSAY_CHAOS_SEED` (1) what is killed when.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from testing.platform import Platform, started_platform

import assay

MEGABYTES = int(os.environ.get("ASSAY_CHAOS_MB", "100"))
SECONDS = float(os.environ.get("ASSAY_CHAOS_S", "25"))
SEED = int(os.environ.get("ASSAY_CHAOS_SEED", "1"))

CLASSES = 250
SAMPLES = 5_000
BATCH = 250
EPOCHS = max(1, MEGABYTES * 1_000_000 // (SAMPLES * CLASSES * 4))
TARGETS = ("supervisor", "gateway", "ingest", "ingest", "storage", "storage", "database", "queue", "worker")


@pytest.fixture
def mortal() -> Iterator[Platform]:
    """A platform of its own, to be killed."""
    with started_platform() as platform:
        yield platform


class Chaos:
    """Kills processes of a platform at random times until it is told to stop; starts the supervisor again."""

    def __init__(self, platform: Platform, seed: int) -> None:
        self.kills: list[str] = []
        self._platform, self._random = platform, random.Random(seed)
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        """Leave the platform running."""
        self._is_stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_stopping.wait(self._random.uniform(0.5, 4)):
            target = self._random.choice(TARGETS)
            self._platform.kill(target)
            self.kills.append(target)
            self._revive()
        self._revive()

    def _revive(self) -> None:
        for _ in range(10):
            if self._platform.is_running():
                return
            try:
                self._platform.start()
            except RuntimeError:
                time.sleep(1)
        raise RuntimeError("The platform does not start again")


def logits_of(epoch: int) -> np.ndarray:
    """Any bits, (SAMPLES, CLASSES); NaN with payloads, infinities and subnormal numbers are among them."""
    bits = np.random.default_rng([SEED, epoch]).integers(0, 2**32, (SAMPLES, CLASSES), dtype=np.uint32)
    return bits.view(np.float32)


def log_all(run: assay.Run) -> None:
    pause_s = SECONDS / (EPOCHS * SAMPLES / BATCH)
    for epoch in range(EPOCHS):
        logits = logits_of(epoch)
        for batch in np.array_split(np.random.default_rng(epoch).permutation(SAMPLES), SAMPLES // BATCH):
            run.log_outputs([f"s{i}" for i in batch], logits[batch], epoch=epoch)
            time.sleep(pause_s)


def parts_of(platform: Platform, run: assay.Run) -> list[dict[str, Any]]:
    query = "select epoch, seq, storage_path, size_bytes::int as size from assay.parts where run_id = '{}' order by epoch, seq"
    return platform.sql(query.format(run.id))


@pytest.mark.slow
def test_every_row_is_there_once_byte_for_byte(
    mortal: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSAY_URL", mortal.url)
    monkeypatch.setenv("ASSAY_API_KEY", mortal.api_key)
    monkeypatch.setenv("ASSAY_BUFFER_MB", "32")
    monkeypatch.setenv("ASSAY_FINISH_TIMEOUT_S", "120")
    run = assay.init("chaos", n_classes=CLASSES)
    chaos = Chaos(mortal, SEED)
    try:
        log_all(run)
        report = run.finish()
    finally:
        chaos.stop()

    assert (report.state, report.rows_logged, report.rows_sent) == ("closed", EPOCHS * SAMPLES, EPOCHS * SAMPLES)
    assert (report.rows_lost, report.rows_spooled, report.rows_refused) == (0, 0, 0)
    parts = parts_of(mortal, run)
    for epoch in range(EPOCHS):
        expected = logits_of(epoch).view(np.uint32)
        seen = np.zeros(SAMPLES, np.int64)
        for part in [part for part in parts if part["epoch"] == epoch]:
            content = mortal.download(part["storage_path"])
            assert len(content) == part["size"]
            table = pa.ipc.open_stream(content).read_all()
            rows = np.array([int(name[1:]) for name in table["id"].to_pylist()])
            values = table["logits"].combine_chunks().values.to_numpy(zero_copy_only=True)
            assert (values.view(np.uint32).reshape(-1, CLASSES) == expected[rows]).all()
            np.add.at(seen, rows, 1)
        assert (seen == 1).all()
    killed = ", ".join(f"{chaos.kills.count(name)} {name}" for name in dict.fromkeys(chaos.kills))
    with capsys.disabled():
        print(f"\n{EPOCHS * SAMPLES:,} rows, {sum(part['size'] for part in parts) / 1e6:.0f} MB in {len(parts)} parts; killed: {killed}")
        print(f"{report.rows_resent:,} rows arrived not at the first try; each is there once, byte for byte")
    assert chaos.kills
