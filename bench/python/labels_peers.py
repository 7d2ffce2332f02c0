"""Label errors by cleanlab, and by the two margins of training that others rank by.

    python labels_peers.py REQUEST.json

The request is a list of {labels, probs: [files whose probabilities are averaged], logits (of epochs, or null), out}; each `out` folder gets
`self_confidence.npy`, `normalized_margin.npy`, `confidence_weighted_entropy.npy` (high = suspicious), `flags.npy` (find_label_issues, its defaults), and
with logits `probability_margin.npy` and `logit_margin.npy`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from numpy.typing import NDArray

SCORES = ("self_confidence", "normalized_margin", "confidence_weighted_entropy")


def margin(values: NDArray[Any], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    rows = np.arange(len(labels))
    rivals = values.astype(np.float64)
    own = rivals[rows, labels].copy()
    rivals[rows, labels] = -np.inf
    return own - rivals.max(1)


def softmax(logits: NDArray[Any]) -> NDArray[np.float64]:
    e = np.exp(logits.astype(np.float64) - logits.max(-1, keepdims=True))
    probs: NDArray[np.float64] = e / e.sum(-1, keepdims=True)
    return probs


def judge(item: dict[str, Any]) -> None:
    out = Path(item["out"])
    out.mkdir(parents=True, exist_ok=True)
    labels = np.load(item["labels"]).astype(np.int64)
    probs = np.mean([np.load(path).astype(np.float64) for path in item["probs"]], axis=0)
    probs = probs / probs.sum(1, keepdims=True)
    for name in SCORES:
        np.save(out / f"{name}.npy", 1 - get_label_quality_scores(labels, probs, method=name))
    np.save(out / "flags.npy", find_label_issues(labels, probs).astype(np.uint8))
    if item["logits"]:
        logits = np.load(item["logits"])
        np.save(out / "probability_margin.npy", -np.mean([margin(softmax(epoch), labels) for epoch in logits], axis=0))
        np.save(out / "logit_margin.npy", -np.mean([margin(epoch, labels) for epoch in logits], axis=0))


def main() -> None:
    for item in json.loads(Path(sys.argv[1]).read_text()):
        judge(item)
    print(json.dumps(None))


if __name__ == "__main__":
    main()
