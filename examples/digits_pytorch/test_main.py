"""The example as a user runs it, on a platform of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "sdk" / "python" / "tests"))

from testing.platform import started_platform  # noqa: E402

LEAST_PRECISION = 0.80


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with started_platform() as platform:
        own = {name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")}
        state = str(tmp_path_factory.mktemp("state"))
        yield {**own, "ASSAY_URL": platform.url, "ASSAY_API_KEY": platform.api_key, "XDG_STATE_HOME": state}


@pytest.mark.parametrize("n_workers", [0, 2])
def test_main_finds_the_wrong_labels_of_the_digits(environment: dict[str, str], n_workers: int) -> None:
    command = [sys.executable, HERE / "main.py", "--workers", str(n_workers)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True)
    print(ran.stdout, ran.stderr)
    assert ran.returncode == 0, ran.stderr
    assert "28,752 rows logged, 28,752 sent" in ran.stderr
    told = re.search(r"(\d+) of the worst 179 are wrong labels, of 179 among 1797: precision ([\d.]+)", ran.stdout)
    assert told, ran.stdout
    assert float(told[2]) == pytest.approx(int(told[1]) / 179, abs=6e-4)
    assert float(told[2]) >= LEAST_PRECISION
    assert len(re.findall(r"labelled \d, looks like \d, is \d", ran.stdout)) == 10
