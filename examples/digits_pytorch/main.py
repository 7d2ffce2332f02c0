"""Which labels of the digits are wrong? A PyTorch loop with one line more; a tenth of the labels is made wrong on purpose."""

from __future__ import annotations

import argparse

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import assay

EPOCHS = 15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=0, help="processes of the loader")
    asked = parser.parse_args()
    torch.manual_seed(asked.seed)

    pixels, truth = load_digits(return_X_y=True)
    labels, flipped = flip(truth, share=0.1, seed=asked.seed)
    dataset = TensorDataset(torch.tensor(pixels, dtype=torch.float32) / 16, torch.tensor(labels))
    loader = DataLoader(dataset, batch_size=64, shuffle=True, num_workers=asked.workers)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)

    run = assay.watch(model, training=loader, name="digits", dataset="digits")

    for _ in range(EPOCHS):
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()

    run.finish(wait=True)
    worst = run.worst(len(flipped))
    for row in worst[:10]:
        true = truth[int(row["sample_id"])]
        print(f"{row['sample_id']:>5}  labelled {row['given_label']}, looks like {row['suggested_label'] or row['predicted_label']}, is {true}")
    found = {int(row["sample_id"]) for row in worst} & flipped
    print(f"{len(found)} of the worst {len(flipped)} are wrong labels, of {len(flipped)} among {len(truth)}: precision {len(found) / len(flipped):.3f}")
    rate = run.summary()["estimated_noise_rate"]
    print(f"share of wrong labels: estimated {'unknown' if rate is None else f'{rate:.3f}'}, true {len(flipped) / len(truth):.3f}")


def flip(truth: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, set[int]]:
    """Labels of which a share is another class, and which ones."""
    random = np.random.default_rng(seed)
    rows = random.choice(len(truth), int(len(truth) * share), replace=False)
    labels = truth.copy()
    labels[rows] = (labels[rows] + random.integers(1, 10, len(rows))) % 10
    return labels, set(rows.tolist())


if __name__ == "__main__":
    main()
