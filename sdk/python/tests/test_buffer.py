from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from assay import _buffer
from assay._buffer import Buffer
from assay._parts import Part
from assay._rows import LaterRows, OutputRows, Place, RowsRefused
from assay._tally import Tally


def rows(n: int = 4, width: int = 2, epoch: int = 0, split: str = "training", dtype: Any = np.float32) -> OutputRows:
    return OutputRows(Place("outputs", split, epoch), np.arange(n), {"logits": np.zeros((n, width), dtype)})


def buffer(offer: Callable[[Part], None], tally: Tally, **options: Any) -> Buffer:
    def resolve(later: LaterRows) -> list[OutputRows]:
        return [later.make()]  # type: ignore[list-item]

    return Buffer(offer, tally, "0", 0, resolve, **options)


def test_rows_of_one_place_make_one_part_and_those_of_others_make_others() -> None:
    parts: list[Part] = []
    made = buffer(parts.append, Tally())
    for some in (rows(), rows(), rows(split="test"), rows(dtype=np.float64), rows(epoch=1)):
        made.put(some)
    assert made.close(10)
    assert sorted((p.place.split, p.place.epoch, p.seq, p.n_rows) for p in parts) == [
        ("test", 0, 0, 4),
        ("training", 0, 0, 8),
        ("training", 0, 1, 4),
        ("training", 1, 0, 4),
    ]
    assert len({p.key for p in parts}) == 4
    assert {tuple(place[:3]): counts for place, counts in made.manifest.items()} == {
        ("outputs", "training", 0): [2, 12],
        ("outputs", "training", 1): [1, 4],
        ("outputs", "test", 0): [1, 4],
    }


def test_rows_of_a_thread_that_comes_too_late_are_refused() -> None:
    parts: list[Part] = []
    tally = Tally()
    made = buffer(parts.append, tally)
    assert made.close(10)
    tally.take(4)
    made.put(rows())
    assert (tally.logged, tally.refused, parts) == (0, 4, [])


def test_a_handler_of_a_signal_may_close_it_while_its_thread_puts() -> None:
    parts: list[Part] = []
    made = buffer(parts.append, Tally())
    made.put(rows())
    with made._changed:  # as the thread holds it in the middle of `put`
        assert made.close(10)
    assert [part.n_rows for part in parts] == [4]


def test_no_row_of_threads_that_log_while_it_ends_is_lost() -> None:
    parts: list[Part] = []
    tally = Tally()
    made = buffer(parts.append, tally)

    def log() -> None:
        for _ in range(200):
            tally.take(1)
            made.put(rows(1))

    threads = [threading.Thread(target=log) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.002)
    assert made.close(10)
    for thread in threads:
        thread.join()
    assert sum(part.n_rows for part in parts) == tally.logged
    assert tally.logged + tally.refused == 800


def test_a_part_is_handed_on_at_about_8_mb_and_at_the_end_of_an_epoch() -> None:
    parts: list[Part] = []
    handed = threading.Event()

    def offer(part: Part) -> None:
        parts.append(part)
        handed.set()

    made = buffer(offer, Tally())
    for _ in range(9):
        made.put(rows(1000, 250))
    assert handed.wait(5)
    assert [p.n_rows for p in parts] == [8000]
    handed.clear()
    made.close_epoch("training", 0)
    assert handed.wait(5)
    assert [p.n_rows for p in parts] == [8000, 1000]
    made.close(10)


def test_put_waits_for_the_thread_when_the_buffer_is_full_and_loses_nothing() -> None:
    tally = Tally()
    parts: list[Part] = []

    def slow(part: Part) -> None:
        time.sleep(0.01)
        parts.append(part)

    made = buffer(slow, tally, max_bytes=1 << 20)
    for _ in range(200):
        made.put(rows(1000, 50))  # 200 kB each
    assert made.close(20)
    assert sum(p.n_rows for p in parts) == 200_000
    assert tally.lost == 0


def test_rows_are_lost_aloud_if_the_thread_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_buffer, "_STUCK_S", 0.05)
    tally, go = Tally(), threading.Event()
    made = buffer(lambda part: None, tally, max_bytes=1000)
    made.put(LaterRows(Place("outputs", "training", 0), 4, 900, lambda: [go.wait(10), rows()][1]))  # type: ignore[arg-type, return-value]
    made.put(rows(100))
    assert tally.lost == 100
    assert "stood still" in next(iter(tally.sentences))
    go.set()
    assert made.close(10)


def test_what_make_raises_refuses_its_rows_and_no_others() -> None:
    tally, parts = Tally(), []  # type: ignore[var-annotated]

    def fail() -> Any:
        raise RowsRefused("the device is gone")

    made = buffer(parts.append, tally)
    for some in (LaterRows(Place("outputs", "training", 0), 7, 10, fail), rows()):
        tally.take(len(some))
        made.put(some)
    assert made.close(10)
    assert (tally.logged, tally.refused, [p.n_rows for p in parts]) == (4, 7, [4])
    assert tally.sentences == {"rows were refused as the device is gone": 7}


def test_rows_that_cannot_be_encoded_do_not_take_others_with_them() -> None:
    tally, parts = Tally(), []  # type: ignore[var-annotated]
    made = buffer(parts.append, tally)
    bad = OutputRows(Place("outputs", "training", 0), ["\ud800"], {"logits": np.zeros((1, 2), np.float32)})
    good = OutputRows(Place("outputs", "training", 0), ["a"], {"logits": np.zeros((1, 2), np.float32)})
    for some in (good, bad, good):
        made.put(some)
    assert made.close(10)
    assert (sum(p.n_rows for p in parts), tally.refused) == (2, 1)
    assert [p.seq for p in parts] == [0, 1]


def test_a_put_costs_no_wait() -> None:
    go = threading.Event()
    made = buffer(lambda part: (go.wait(10), None)[1], Tally())
    made.put(rows(10_000, 250))  # the thread now stands in `offer`
    time.sleep(0.3)
    for _ in range(100):
        made.put(rows())
    go.set()
    assert made.close(10)
    assert made.manifest[Place("outputs", "training", 0)] == [2, 10_400]
