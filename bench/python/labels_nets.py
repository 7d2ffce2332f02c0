"""Small nets on one thread, and how they are trained: to the end, with every output of the training kept."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

BUCKETS = 4096
"""Words and pairs of words are hashed into so many."""


@dataclass(frozen=True)
class Recipe:
    """How a net is trained."""

    epochs: int
    batch: int
    rate: float
    is_half: bool = False
    """Products in bfloat16: twice as fast for convolutions."""


RECIPES = {
    "convnet": Recipe(16, 50, 2e-3, is_half=True),
    "pixel_mlp": Recipe(16, 50, 1e-3),
    "table_mlp": Recipe(30, 32, 3e-3),
    "text_mlp": Recipe(14, 50, 5e-3),
    "text_linear": Recipe(8, 64, 1e-2),
    "linear": Recipe(8, 64, 1e-3),
}


class Net(nn.Module):
    """A body whose output is the embedding, and a head."""

    def __init__(self, body: nn.Module, width: int, n_classes: int) -> None:
        super().__init__()
        self.body = body
        self.head = nn.Linear(width, n_classes)

    def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        embedding = self.body(*inputs)
        return self.head(embedding), embedding


class Bag(nn.Module):
    """Mean of a text's words, and a layer on it if asked for."""

    def __init__(self, width: int, *, is_deep: bool) -> None:
        super().__init__()
        self.words = nn.EmbeddingBag(BUCKETS, width, mode="mean")
        self.deep = nn.Sequential(nn.ReLU(), nn.Linear(width, width), nn.ReLU()) if is_deep else nn.Identity()

    def forward(self, words: torch.Tensor, starts: torch.Tensor) -> Any:
        return self.deep(self.words(words, starts))


def _net(name: str, n_classes: int, width: int) -> Net:
    if name == "convnet":
        c = 16
        body: nn.Module = nn.Sequential(
            nn.Conv2d(3, c, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(c, 2 * c, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(2 * c, 4 * c, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(64 * c, 128),
            nn.ReLU(),
        )
        return Net(body, 128, n_classes)
    if name == "text_mlp":
        return Net(Bag(64, is_deep=True), 64, n_classes)
    if name == "text_linear":
        return Net(Bag(64, is_deep=False), 64, n_classes)
    if name == "linear":
        return Net(nn.Flatten(), width, n_classes)
    hidden = 160 if name == "pixel_mlp" else 128
    return Net(nn.Sequential(nn.Flatten(), nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, 128), nn.ReLU()), 128, n_classes)


class Texts:
    """Texts as hashed words and pairs of words."""

    def __init__(self, texts: list[str]) -> None:
        self.bags = [torch.tensor(_hashed(text)) for text in texts]

    def __len__(self) -> int:
        return len(self.bags)

    def __getitem__(self, rows: NDArray[np.int64]) -> tuple[torch.Tensor, ...]:
        bags = [self.bags[row] for row in rows]
        lengths = torch.tensor([0, *(len(bag) for bag in bags[:-1])])
        return torch.cat(bags), lengths.cumsum(0)


class Numbers:
    """Rows of numbers; pixels are brought to about -1..1."""

    def __init__(self, values: NDArray[Any]) -> None:
        x = values.astype(np.float32)
        if values.dtype == np.uint8:
            x = (x - 128) / 64
        else:
            x = (x - x.mean(0)) / x.std(0).clip(1e-6)
        self.x = torch.from_numpy(x)
        if self.x.ndim == 4:
            self.x = self.x.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, rows: NDArray[np.int64]) -> tuple[torch.Tensor, ...]:
        return (self.x[torch.from_numpy(rows)],)


Inputs = Texts | Numbers


def _hashed(text: str) -> list[int]:
    words = re.findall(r"[a-z0-9']+", text.lower())[:120]
    grams = words + [f"{a} {b}" for a, b in zip(words, words[1:], strict=False)]
    return [zlib.crc32(gram.encode()) % BUCKETS for gram in grams] or [0]


@dataclass(frozen=True)
class Trained:
    """What is left of a training."""

    predict: Callable[[Inputs, NDArray[np.int64]], NDArray[np.float32]]
    """Logits of rows, after it."""
    logits: NDArray[np.float16]
    """Of each epoch, as they were met in training, (epochs, n, n_classes)."""
    embeddings: NDArray[np.float32]
    """Of the last epoch, (n, width)."""


def train(name: str, inputs: Inputs, rows: NDArray[np.int64], labels: NDArray[np.int32], n_classes: int, seed: int) -> Trained:
    """Trains from nothing on some rows; deterministic for a seed, on one machine.

    Args:
        name: Of `RECIPES`.
        inputs: All rows.
        rows: Those to learn from, (n,).
        labels: Theirs, (n,).
        n_classes: Number of classes.
        seed: Of weights and order.
    """
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    recipe = RECIPES[name]
    width = inputs.x[0].numel() if isinstance(inputs, Numbers) else 0
    net = _net(name, n_classes, width)
    if name == "convnet":
        net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=1e-4, fused=True)
    steps = recipe.epochs * -(-len(rows) // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=recipe.rate, total_steps=steps, pct_start=0.15)
    targets = torch.from_numpy(labels.astype(np.int64))
    logits = np.empty((recipe.epochs, len(rows), n_classes), np.float16)
    embeddings: NDArray[np.float32] | None = None

    def forward(values: Inputs, picked: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.is_half):
            out, embedding = net(*values[picked])
        return out.float(), embedding.float()

    for epoch in range(recipe.epochs):
        for batch in np.array_split(rng.permutation(len(rows)), -(-len(rows) // recipe.batch)):
            out, embedding = forward(inputs, rows[batch])
            loss = nn.functional.cross_entropy(out, targets[batch])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            logits[epoch, batch] = out.detach().numpy()
            if epoch == recipe.epochs - 1:
                if embeddings is None:
                    embeddings = np.empty((len(rows), embedding.shape[1]), np.float32)
                embeddings[batch] = embedding.detach().numpy()

    def predict(others: Inputs, picked: NDArray[np.int64]) -> NDArray[np.float32]:
        parts = []
        with torch.no_grad():
            for start in range(0, len(picked), 500):
                parts.append(forward(others, picked[start : start + 500])[0].numpy())
        return np.concatenate(parts)

    assert embeddings is not None
    return Trained(predict, logits, embeddings)
