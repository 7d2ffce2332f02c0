"""Trains what label errors are looked for in, once: a run, the same model in five folds, and a regression on the encoders' features in five folds.

Reads {contents, settings: [{data, noise, model, seed, n, folder}], budget_s} from standard input; each setting's folder gets `rows.npy`, `truth.npy`,
`labels.npy`, `logits.npy`, `embeddings.npy`, `cv_probs.npy`, `cv_encoder_probs.npy`, `accuracy.json`. A folder that is there is left alone.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # read when numpy is loaded

import numpy as np
from labels_nets import Inputs, Numbers, Texts, train
from labels_noise import given_labels
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

FOLDS = 5
WEAK = {"text_mlp": "text_linear"}
"""What decides which samples are hard to label; else a linear model on the inputs."""


def softmax(logits: NDArray[Any]) -> NDArray[np.float32]:
    e = np.exp(logits.astype(np.float64) - logits.max(-1, keepdims=True))
    probs: NDArray[np.float32] = (e / e.sum(-1, keepdims=True)).astype(np.float32)
    return probs


def folds(labels: NDArray[np.int32], seed: int) -> Any:
    """Row numbers to learn from and to judge; a class of fewer than five is spread as it falls."""
    return StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(np.zeros(len(labels)), labels)


def cross_validated(model: str, inputs: Inputs, rows: NDArray[np.int64], labels: NDArray[np.int32], n_classes: int, seed: int) -> NDArray[np.float32]:
    """Probabilities of rows by a model that did not see them, (n, n_classes)."""
    probs = np.zeros((len(rows), n_classes), np.float32)
    for fold, (known, judged) in enumerate(folds(labels, seed)):
        trained = train(model, inputs, rows[known], labels[known], n_classes, seed * 10 + fold + 1)
        probs[judged] = softmax(trained.predict(inputs, rows[judged]))
    return probs


def encoder_probs(views: list[NDArray[np.float32]], labels: NDArray[np.int32], n_classes: int, seed: int) -> NDArray[np.float32]:
    """The same of a logistic regression on the encoders' features, each centred and scaled to rows of one length."""
    parts = []
    for view in views:
        x = np.nan_to_num(view)
        x = x - x.mean(0)
        parts.append(4 * x / np.linalg.norm(x, axis=1, keepdims=True).clip(1e-9))
    features = np.concatenate(parts, 1)
    probs = np.zeros((len(labels), n_classes), np.float32)
    for known, judged in folds(labels, seed):
        model = LogisticRegression(C=1.0, max_iter=60).fit(features[known], labels[known])
        probs[np.ix_(judged, model.classes_)] = model.predict_proba(features[judged])
    return probs


def load(contents: Path, data: str) -> tuple[Inputs, NDArray[np.int32], list[NDArray[np.float32]]]:
    """What the model sees, true classes, and views by encoders."""
    if data == "digits":
        digits = load_digits()
        table = digits.data.astype(np.float32)
        view = (table - table.mean(0)) / np.where(table.std(0) > 0, table.std(0), 1)
        return Numbers(table), digits.target.astype(np.int32), [view]
    folder = contents / data
    views = [np.load(path) for path in sorted(folder.glob("view_*.npy"))]
    truth = np.load(folder / "truth.npy")
    if (folder / "texts.json").exists():
        return Texts(json.loads((folder / "texts.json").read_text())), truth, views
    return Numbers(np.load(folder / "pixels.npy")), truth, views


def run(contents: Path, setting: dict[str, Any], folder: Path) -> None:
    seed, model = setting["seed"], setting["model"]
    inputs, all_truth, views = load(contents, setting["data"])
    n_classes = int(all_truth.max()) + 1
    rows = np.sort(np.random.default_rng(seed).permutation(len(all_truth))[: setting["n"]])
    truth = all_truth[rows]
    doubt = None
    if setting["noise"] in ("class", "instance"):
        weak = WEAK.get(model, "linear")
        doubt = cross_validated(weak, inputs, rows, truth, n_classes, 100 + seed).astype(np.float64)
    labels = given_labels(setting["noise"], contents=contents / setting["data"], rows=rows, truth=truth, doubt=doubt, seed=seed)
    trained = train(model, inputs, rows, labels, n_classes, seed * 10)
    arrays = {
        "rows": rows.astype(np.int32),
        "truth": truth,
        "labels": labels,
        "logits": trained.logits,
        "embeddings": trained.embeddings,
        "cv_probs": cross_validated(model, inputs, rows, labels, n_classes, seed),
        "cv_encoder_probs": encoder_probs([view[rows] for view in views], labels, n_classes, seed),
    }
    if setting["data"] == "digits":
        arrays["view_columns"] = load_digits().data.astype(np.float32)[rows]
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    accuracy = (trained.logits.argmax(2) == labels).mean(1).tolist()
    (folder / "accuracy.json").write_text(json.dumps(accuracy))
    cv_accuracy = (arrays["cv_probs"].argmax(1) == truth).mean()
    print(f"wrong {(labels != truth).mean():.3f}, last epoch {accuracy[-1]:.3f}, 5-fold {cv_accuracy:.3f}", flush=True)


def main() -> None:
    request = json.load(sys.stdin)
    started = time.monotonic()
    for setting in request["settings"]:
        folder = Path(setting["folder"])
        if folder.exists():
            continue
        if time.monotonic() - started > request["budget_s"]:
            print("out of time: the rest is left out", flush=True)
            return
        at = time.monotonic()
        print(f"{setting['data']} {setting['noise']} {setting['model']} seed {setting['seed']}: training", flush=True)
        partial = folder.with_suffix(".part")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        run(Path(request["contents"]), setting, partial)
        partial.rename(folder)
        print(f"  {time.monotonic() - at:.0f} s", flush=True)


if __name__ == "__main__":
    main()
