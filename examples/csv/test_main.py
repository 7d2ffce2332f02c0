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

LEAST_AUPRC = 0.88
LEAST_PRECISION = 0.80
MOST_RATE_ERROR = 0.02


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with started_platform() as platform:
        own = {name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")}
        state = str(tmp_path_factory.mktemp("state"))
        yield {**own, "ASSAY_URL": platform.url, "ASSAY_API_KEY": platform.api_key, "XDG_STATE_HOME": state}


def test_main_finds_the_wrong_labels_of_real_mails(environment: dict[str, str], tmp_path: Path) -> None:
    script = ["deno", "run", "-A", "--quiet", HERE / "make_mails_csv.ts", "--seed", "0", "--out", tmp_path]
    subprocess.run(script, check=True, env=environment)
    assert len((tmp_path / "mails_truth.csv").read_text().splitlines()) == 1501
    command = [sys.executable, HERE / "main.py", "mails.csv", "--truth", "mails_truth.csv"]
    ran = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)
    print(ran.stdout, ran.stderr)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("mails.csv: 1,500 samples, classes ham, spam\n")
    told = re.search(r"AUPRC ([\d.]+), precision at n ([\d.]+), share of wrong labels ([\d.]+) \(true: ([\d.]+)\)", ran.stdout)
    assert told, ran.stdout
    auprc, precision, rate, true_rate = map(float, told.groups())
    assert auprc >= LEAST_AUPRC
    assert precision >= LEAST_PRECISION
    assert abs(rate - true_rate) <= MOST_RATE_ERROR
