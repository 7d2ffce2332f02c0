"""Against the real platform."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from testing.platform import Platform

import assay

CLASSES = ("ham", "spam", "déjà vu")


def log_training(run: assay.Run, *, seed: int = 1, n: int = 120, epochs: int = 3) -> list[str]:
    """A training that gets every label right but those of the first ten samples, which are wrong."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, 3, n)
    given = truth.copy()
    given[:10] = (given[:10] + 1) % 3
    ids = [f"mail/{i}" for i in range(n)]
    run.log_dataset(
        ids, [CLASSES[y] for y in given], texts=[f"text {i}" for i in range(n)], metadata={"folder": [f"f{i % 4}" for i in range(n)]}
    )
    for epoch in range(epochs):
        logits = (4 * np.eye(3)[truth] + random.normal(0, 0.3, (n, 3))).astype(np.float32)
        embeddings = (np.eye(3)[truth] + random.normal(0, 0.1, (n, 3))).astype(np.float32)
        for batch in np.array_split(random.permutation(n), 7):
            run.log_outputs([ids[i] for i in batch], logits[batch], embeddings=embeddings[batch], epoch=epoch)
    return ids[:10]


def test_a_training_is_ranked_and_the_ranking_is_a_table(server: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    run = assay.init("three classes", label_names=CLASSES)
    wrong = log_training(run)
    report = run.finish(wait=True)
    assert (report.state, report.rows_logged, report.rows_sent, report.rows_lost) == ("closed", 480, 480, 0)
    assert run.url in capsys.readouterr().err
    table = run.worst(20, issue_type="mislabeled")
    assert set(table["sample_id"]) == set(wrong)
    assert table[0]["metadata.folder"].startswith("f")
    assert pd.DataFrame(table)["given_label"].isin(CLASSES).all()
    assert list(table.to_pandas().columns) == table.columns
    assert "déjà vu" in table._repr_html_()
    assert run.summary()["n_samples"] == 120
