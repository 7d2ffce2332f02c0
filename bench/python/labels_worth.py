"""Accuracy on true labels after some given labels were corrected: the same model, trained anew.

    python labels_worth.py REQUEST.json

The request is {contents, items: [{data, model, run (folder of the training), fixed (file of rows to correct, or null), seeds}]}; prints the mean accuracy of
each item over seeds. The test set is the data's own, or the rows that the training did not take.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # read when numpy is loaded

import numpy as np
from labels_nets import Inputs, Numbers, Texts, train
from labels_train import load
from numpy.typing import NDArray

MOST_TESTED = 5000


def test_set(
    contents: Path, data: str, inputs: Inputs, truth: NDArray[np.int32], used: NDArray[np.int64]
) -> tuple[Inputs, NDArray[np.int64], NDArray[np.int32]]:
    """Inputs to be tested on, rows of them, and their true classes."""
    folder = contents / data / "test"
    if not folder.exists():
        rows = np.setdiff1d(np.arange(len(truth)), used)[:MOST_TESTED]
        return inputs, rows, truth[rows]
    own = np.load(folder / "truth.npy")
    rows = np.arange(min(len(own), MOST_TESTED))
    if (folder / "texts.json").exists():
        return Texts(json.loads((folder / "texts.json").read_text())), rows, own[rows]
    return Numbers(np.load(folder / "pixels.npy")), rows, own[rows]


def accuracy(contents: Path, item: dict[str, Any]) -> float:
    run = Path(item["run"])
    inputs, all_truth, _ = load(contents, item["data"])
    rows = np.load(run / "rows.npy").astype(np.int64)
    truth, labels = np.load(run / "truth.npy"), np.load(run / "labels.npy")
    if item["fixed"]:
        fixed = np.load(item["fixed"])
        labels[fixed] = truth[fixed]
    others, tested, answers = test_set(contents, item["data"], inputs, all_truth, rows)
    n_classes = int(all_truth.max()) + 1
    right = []
    for seed in item["seeds"]:
        trained = train(item["model"], inputs, rows, labels, n_classes, seed)
        right.append((trained.predict(others, tested).argmax(1) == answers).mean())
    return float(np.mean(right))


def main() -> None:
    request = json.loads(Path(sys.argv[1]).read_text())
    print(json.dumps([accuracy(Path(request["contents"]), item) for item in request["items"]]))


if __name__ == "__main__":
    main()
