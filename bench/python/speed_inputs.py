"""Writes the arrays that both sides of `speed` read: `speed_inputs.py STEP ROWS FOLDER`."""

import sys
from pathlib import Path

import numpy as np

CLASSES, WIDTH, EPOCHS = 10, 256, 10


def softmax(logits: np.ndarray) -> np.ndarray:
    exp = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exp / exp.sum(axis=1, keepdims=True)


def noisy_labels(rng: np.random.Generator, truth: np.ndarray, classes: int) -> np.ndarray:
    """A tenth is wrong, two of three of them as the next class."""
    n = len(truth)
    other = np.where(rng.random(n) < 2 / 3, 1, rng.integers(1, classes, n))
    return np.where(rng.random(n) < 0.1, (truth + other) % classes, truth)


def label_issues(folder: Path, n: int, classes: int) -> None:
    """Out-of-sample probabilities of a model that is right about nine times in ten."""
    rng = np.random.default_rng(1)
    truth = rng.integers(0, classes, n)
    logits = rng.normal(size=(n, classes)).astype(np.float32)
    logits[np.arange(n), truth] += 2.2 + np.log(classes) / 2
    np.save(folder / "probs.npy", softmax(1.5 * logits))
    labels = noisy_labels(rng, truth, classes)
    np.save(folder / "labels.npy", labels)
    np.save(folder / "is_mislabeled.npy", (labels != truth).astype(np.uint8))


def points(rng: np.random.Generator, truth: np.ndarray) -> np.ndarray:
    """Embeddings as networks give them: 20 modes a class in 32 dimensions of 256, and a little noise in all."""
    modes = rng.normal(size=(CLASSES, 20, 32)) * 1.5
    inner = modes[truth, rng.integers(0, 20, len(truth))] + rng.normal(size=(len(truth), 32))
    outer = inner @ rng.normal(size=(32, WIDTH)) / np.sqrt(32)
    return (outer + 0.1 * rng.normal(size=outer.shape)).astype(np.float32)


def knn(folder: Path, n: int) -> None:
    rng = np.random.default_rng(2)
    np.save(folder / "features.npy", points(rng, rng.integers(0, CLASSES, n)))


def knn_shapley(folder: Path, n: int) -> None:
    """A graph of 10 neighbours, nearest first, and labels."""
    from sklearn.neighbors import NearestNeighbors

    rng = np.random.default_rng(3)
    truth = rng.integers(0, CLASSES, n)
    near = NearestNeighbors(n_neighbors=10, metric="cosine").fit(points(rng, truth))
    distances, rows = near.kneighbors()
    np.save(folder / "neighbours.npy", rows.astype(np.int32))
    np.save(folder / "distances.npy", distances.astype(np.float32))
    np.save(folder / "labels.npy", noisy_labels(rng, truth, CLASSES))


def score(folder: Path, n: int) -> None:
    """Ten epochs that learn, embeddings, and probabilities as cross-validation would give them; outliers and duplicates are planted."""
    rng = np.random.default_rng(4)
    truth = rng.integers(0, CLASSES, n)
    labels = noisy_labels(rng, truth, CLASSES)
    features = points(rng, truth)
    chosen = rng.permutation(n)
    far, copies = np.split(chosen[: n // 50], 2)
    features[far] = rng.normal(size=(len(far), WIDTH)).astype(np.float32) * features.std() * 1.5
    originals = chosen[n // 50 : n // 50 + len(copies)]
    features[copies] = features[originals] + rng.normal(size=(len(copies), WIDTH)).astype(np.float32) * 1e-3
    own = rng.normal(size=(n, CLASSES)).astype(np.float32)
    own[np.arange(n), truth] += 3.2
    np.save(folder / "probs.npy", softmax(1.5 * own))
    for epoch in range(EPOCHS):
        known = (epoch + 1) / EPOCHS
        logits = own * known + 0.5 * rng.normal(size=own.shape).astype(np.float32)
        logits[np.arange(n), labels] += 3 * known**3  # what is learned by heart comes late
        np.save(folder / f"logits_{epoch}.npy", logits.astype(np.float32))
    np.save(folder / "labels.npy", labels)
    np.save(folder / "features.npy", features)
    np.save(folder / "is_mislabeled.npy", (labels != truth).astype(np.uint8))
    for name, rows in {"is_outlier": far, "is_duplicate": np.concatenate([copies, originals])}.items():
        mask = np.zeros(n, np.uint8)
        mask[rows] = 1
        np.save(folder / f"{name}.npy", mask)


STEPS = {
    "label_issues_10": lambda folder, n: label_issues(folder, n, 10),
    "label_issues_1000": lambda folder, n: label_issues(folder, n, 1000),
    "knn_graph": knn,
    "knn_shapley": knn_shapley,
    "fold": score,
    "score_run": score,
}

if __name__ == "__main__":
    step, rows, target = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    target.mkdir(parents=True, exist_ok=True)
    STEPS[step](target, rows)
    print("{}")
