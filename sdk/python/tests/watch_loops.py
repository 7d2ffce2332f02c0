"""Training loops on the digits that note themselves what they computed, and a run in memory to compare it with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import Dataset

N_PIXELS = 64


class Digits(Dataset):
    """Digits whose last column is their index, so that a loop can note which ones it sees.

    Parameters
    ----------
    n : int
        How many.
    """

    def __init__(self, n: int = 200) -> None:
        pixels, self.labels = load_digits(return_X_y=True)
        self.labels = self.labels[:n]
        self.x = np.concatenate([pixels[:n], np.arange(n)[:, None]], axis=1).astype(np.float32)

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return torch.from_numpy(self.x[index].copy()), int(self.labels[index])


class Net(nn.Module):
    """A small net that looks at the pixels only."""

    def __init__(self, n_classes: int = 10) -> None:
        super().__init__()
        self.hidden = nn.Linear(N_PIXELS, 16)
        self.head = nn.Linear(16, n_classes)
        self.embedding: torch.Tensor | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.embedding = torch.relu(self.hidden(x.reshape(len(x), -1)[:, :N_PIXELS] / 16))
        return self.head(self.embedding)


class Notes:
    """What a loop saw: id, logits and embedding of every row, by split and epoch."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, int], list[tuple[int, bytes, bytes]]] = defaultdict(list)
        self.labels: dict[tuple[str, int], int] = {}

    def take(self, split: str, epoch: int, ids: Iterable[Any], logits: torch.Tensor, embeddings: torch.Tensor, labels: Iterable[Any]) -> None:
        """Note a batch."""
        logits = logits.detach().clone()
        half = embeddings.detach().half()
        for id_, row, embedding, label in zip(ids, logits, half, labels, strict=True):
            self.rows[split, epoch].append((int(id_), row.numpy().tobytes(), embedding.numpy().tobytes()))
            self.labels[split, int(id_)] = int(label)


def train(
    model: nn.Module,
    loader: Any,
    notes: Notes,
    *,
    epochs: Iterable[int] = range(2),
    accumulate: int = 1,
    prepare: Callable[[torch.Tensor], torch.Tensor] = lambda x: x,
    validation: Any = None,
) -> None:
    """A loop as anybody writes it. The index that a digit carries is what it notes."""
    inner: Any = getattr(model, "_orig_mod", getattr(model, "module", model))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for epoch in epochs:
        model.train()
        for step, (x, y) in enumerate(loader):
            logits = model(prepare(x))
            notes.take("training", epoch, x[:, -1], logits, inner.embedding, y)
            (nn.functional.cross_entropy(logits, y) / accumulate).backward()
            if step % accumulate == accumulate - 1:
                optimizer.step()
                optimizer.zero_grad()
        if validation is not None:
            model.eval()
            with torch.no_grad():
                for x, y in validation:
                    logits = model(prepare(x))
                    notes.take("validation", epoch, x[:, -1], logits, inner.embedding, y)


class RunInMemory:
    """A run that keeps what it is given; outputs are made only when somebody looks, long after the forward."""

    def __init__(self, **asked: Any) -> None:
        self.asked = asked
        self.samples: dict[tuple[str, Any], Any] = {}
        self.metadata: dict[tuple[str, Any], dict[str, Any]] = {}
        self.refused: list[tuple[int, str]] = []
        self.closed: list[tuple[str, int]] = []
        self.dtypes: set[Any] = set()
        self._later: list[tuple[str, int, int, Any]] = []
        self._made: dict[tuple[str, int], list[Any]] = defaultdict(list)

    def log_dataset(self, ids: Any, labels: Any = None, *, split: str, metadata: Any = None) -> None:
        for row, id_ in enumerate(ids):
            assert (split, id_) not in self.samples, "a sample is logged once"
            self.samples[split, id_] = None if labels is None else labels[row]
            self.metadata[split, id_] = {name: column[row] for name, column in (metadata or {}).items()}

    def log_outputs_later(self, n_rows: int, nbytes: int, make: Any, *, epoch: int, split: str) -> None:
        assert nbytes > 0
        self._later.append((split, epoch, n_rows, make))

    def close_epoch(self, split: str, epoch: int) -> None:
        self.closed.append((split, epoch))

    def note_refused(self, n_rows: int, sentence: str) -> None:
        self.refused.append((n_rows, sentence))

    def finish(self, **options: Any) -> None:
        pass

    def outputs(self) -> dict[tuple[str, int], list[tuple[Any, np.ndarray, np.ndarray | None]]]:
        """Id, logits and embedding of every row, by split and epoch."""
        rows = self._made
        later, self._later = self._later, []
        for split, epoch, n_rows, make in later:
            made = make()
            assert len(made.ids) == n_rows == len(made.logits)
            self.dtypes.add(made.logits.dtype)
            for row, id_ in enumerate(made.ids):
                rows[split, epoch].append((id_, made.logits[row], None if made.embeddings is None else made.embeddings[row]))
        return dict(rows)

    def assert_is(self, notes: Notes) -> None:
        """Every row that the loop noted is here under its id, equal to the bit, and no other."""
        outputs = self.outputs()
        assert outputs.keys() == notes.rows.keys()
        for place, noted in notes.rows.items():
            assert [(id_, logits.tobytes(), embedding.tobytes()) for id_, logits, embedding in outputs[place]] == noted, place
        assert self.samples == notes.labels
        assert self.refused == []


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """`assay.watch` starts runs in memory."""
    monkeypatch.setattr("assay._current.init", lambda name, **asked: RunInMemory(name=name, **asked))
