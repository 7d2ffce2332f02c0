"""Where logits and embedding are, in models of all kinds."""

from __future__ import annotations

import copy
import pickle
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader
from watch_loops import Digits, Net, Notes, in_memory, train

import assay

__all__ = ["in_memory"]
pytestmark = pytest.mark.usefixtures("in_memory")


def loader(batch_size: int = 20) -> Any:
    return DataLoader(Digits(40), batch_size=batch_size)


class TwoHeads(Net):
    """A second head of the same size, which training alone uses, is the last module."""

    def __init__(self) -> None:
        super().__init__()
        self.auxiliary = nn.Linear(16, 10)


class Convolutional(nn.Module):
    """A net whose last layer is a convolution of 1 x 1."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 6, 3), nn.ReLU())
        self.head = nn.Conv2d(6, 10, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(x[:, :64].reshape(-1, 1, 8, 8) / 16)).mean(dim=(2, 3))


def outputs_of(run: Any, epoch: int = 0) -> tuple[np.ndarray, np.ndarray | None]:
    """Logits and embeddings, in the order of the ids."""
    rows = sorted(run.outputs()["training", epoch], key=lambda row: row[0])
    assert [row[0] for row in rows] == list(range(40))
    return np.stack([row[1] for row in rows]), None if rows[0][2] is None else np.stack([row[2] for row in rows])


def test_watch_finds_the_head_among_layers_of_other_sizes() -> None:
    model = Net()
    model.projection = nn.Linear(16, 4)
    run = assay.watch(model, training=(data := loader()), label_names=[f"class {k}" for k in range(10)])
    train(model, data, notes := Notes(), epochs=[0])
    run.assert_is(notes)


def test_watch_lists_candidates_of_the_same_standing() -> None:
    names = [str(k) for k in range(10)]
    with pytest.raises(ValueError, match=r'several .* "head" \(16 -> 10\), "auxiliary" \(16 -> 10\); give embedding_layer='):
        assay.watch(TwoHeads(), training=loader(), label_names=names)
    with pytest.raises(ValueError, match=r'none of its linear layers has 7 outputs.*"hidden" \(64 -> 16\), "head" \(16 -> 10\)'):
        assay.watch(Net(), training=loader(), label_names=names[:7])
    with pytest.raises(ValueError, match="no linear layer"):
        assay.watch(Convolutional(), training=loader())
    with pytest.raises(ValueError, match='embedding_layer "neck" is none of its modules: hidden, head'):
        assay.watch(Net(), training=loader(), embedding_layer="neck")


@pytest.mark.parametrize("layer", ["head", "module"])
def test_watch_takes_a_linear_head_by_name_or_itself(layer: str) -> None:
    model = TwoHeads()
    data = loader()
    run = assay.watch(model, training=data, label_names=range(10), embedding_layer=model.head if layer == "module" else "head")
    train(model, data, notes := Notes(), epochs=[0])
    run.assert_is(notes)


def test_watch_takes_the_output_of_another_layer_as_the_embedding() -> None:
    model, data = Net(), loader()
    run = assay.watch(model, training=data, embedding_layer="hidden")
    with torch.no_grad():
        for x, _ in data:
            model(x)
        x = torch.from_numpy(Digits(40).x)
        hidden = model.hidden(x[:, :64] / 16)
    logits, embeddings = outputs_of(run)
    assert logits.shape == (40, 10)
    np.testing.assert_allclose(embeddings, hidden.half().numpy(), rtol=1e-2, atol=1e-3)


def test_watch_takes_what_a_model_without_a_linear_layer_returns() -> None:
    model, data = Convolutional(), loader()
    run = assay.watch(model, training=data, embedding_layer="features")
    returned = torch.cat([model(x).detach() for x, _ in data])
    logits, embeddings = outputs_of(run)
    assert logits.tobytes() == returned.numpy().tobytes()
    assert embeddings is not None and embeddings.shape == (40, 6)


def test_watch_refuses_a_head_that_does_not_run() -> None:
    model = Net()
    model.projection = nn.Linear(64, 3)
    run = assay.watch(model, training=(data := loader()))
    train(model, data, Notes(), epochs=[0])
    run.finish()
    assert run.outputs() == {}
    assert [n for n, _ in run.refused] == [20, 20]
    assert 'layer "projection" did not run' in run.refused[0][1]


def test_watch_names_the_layers_if_the_model_returns_another_width() -> None:
    class Projected(Net):
        def __init__(self) -> None:
            super().__init__()
            self.projection = nn.Linear(16, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            logits = super().forward(x)
            self.projection(self.embedding)
            return logits

    model = Projected()
    run = assay.watch(model, training=(data := loader()))
    train(model, data, Notes(), epochs=[0])
    assert run.outputs() == {}
    assert 'returns 10 numbers a row, and its last linear layer "projection" gives 3' in run.refused[0][1]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_watch_keeps_logits_of_fewer_bits(dtype: torch.dtype) -> None:
    model, data = Net(), loader()
    run = assay.watch(model, training=data)
    seen = []
    with torch.autocast("cpu", dtype=dtype):
        for x, _ in data:
            seen.append(model(x).detach())
    logits, _ = outputs_of(run)
    assert seen[0].dtype is dtype
    assert logits.dtype == (np.float32 if dtype is torch.bfloat16 else np.float16)
    assert torch.equal(torch.from_numpy(logits).to(dtype), torch.cat(seen))


def test_watch_makes_two_columns_of_the_logit_of_two_classes() -> None:
    model, data = Net(1), loader()
    run = assay.watch(model, training=data, label_names=["no", "yes"], label=lambda batch: (batch[1] > 4).float()[:, None])
    returned = torch.cat([model(x).detach() for x, _ in data])
    logits, _ = outputs_of(run)
    assert logits[:, 0].tolist() == [0] * 40
    assert logits[:, 1].tobytes() == returned.numpy().tobytes()
    assert set(run.samples.values()) == {0, 1}


def test_watch_keeps_logits_that_the_model_changes_in_place_afterwards() -> None:
    class Softened(Net):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            logits = super().forward(x)
            self.before = logits.detach().clone()
            return logits.div_(3)

    model, data = Softened(), loader(40)
    run = assay.watch(model, training=data)
    with torch.no_grad():
        for x, _ in data:
            model(x)
    assert outputs_of(run)[0].tobytes() == model.before.numpy().tobytes()


def test_watch_logs_embeddings_as_float32_where_their_size_needs_it() -> None:
    class Large(Net):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.embedding = torch.relu(self.hidden(x[:, :64])) * 1e6
            return self.head(self.embedding)

    model, data = Large(), loader(40)
    run = assay.watch(model, training=data)
    for x, _ in data:
        model(x)
    embeddings = outputs_of(run)[1]
    assert embeddings is not None and embeddings.dtype == np.float32
    assert embeddings.tobytes() == model.embedding.detach().numpy().tobytes()


def test_watch_logs_no_embeddings_if_asked() -> None:
    model, data = Net(), loader()
    run = assay.watch(model, training=data, embeddings=False)
    for x, _ in data:
        model(x)
    assert outputs_of(run)[1] is None


def test_watch_takes_a_model_called_with_a_mapping_that_returns_more_than_logits() -> None:
    class Answering(Net):
        def forward(self, *, pixels: torch.Tensor, labels: torch.Tensor) -> Any:  # type: ignore[override]
            logits = super().forward(pixels)
            return SimpleNamespace(loss=nn.functional.cross_entropy(logits, labels), logits=logits)

    model, data = Answering(), loader()
    run = assay.watch(model, training=data)
    returned = torch.cat([model(pixels=x, labels=y).logits.detach() for x, y in data])
    assert outputs_of(run)[0].tobytes() == returned.numpy().tobytes()


def test_watch_takes_a_model_of_which_the_loop_calls_the_parts() -> None:
    model, data = Net(), loader()
    run = assay.watch(model, training=data)
    returned = torch.cat([model.head(torch.relu(model.hidden(x[:, :64] / 16))).detach() for x, _ in data])
    assert outputs_of(run)[0].tobytes() == returned.numpy().tobytes()


def test_watch_leaves_copies_of_the_model_alone() -> None:
    model, data = Net(), loader()
    run = assay.watch(model, training=data)
    average = torch.optim.swa_utils.AveragedModel(model)
    others = [copy.deepcopy(model), pickle.loads(pickle.dumps(model)), average]
    notes = Notes()
    for x, y in data:
        for other in others:
            other(x)
        notes.take("training", 0, x[:, -1], model(x), model.embedding, y)
    run.assert_is(notes)


@pytest.mark.parametrize("order", ["watch, then compile", "compile, then watch", "in place"])
def test_watch_of_a_compiled_model(order: str) -> None:
    model: Any = Net()
    data = loader()
    compiled = model if order == "in place" else torch.compile(model, backend="eager")
    if order == "in place":
        model.compile(backend="eager")
    run = assay.watch(model if order == "watch, then compile" else compiled, training=data)
    train(compiled, data, notes := Notes(), epochs=[0])
    run.assert_is(notes)


def test_watch_says_that_a_model_was_compiled_and_called_too_early() -> None:
    data = loader()
    compiled: Any = torch.compile(Net(), backend="eager")
    compiled(torch.rand(20, 65))
    run = assay.watch(compiled, training=data)
    train(compiled, data, Notes(), epochs=[0])
    assert run.outputs() == {}
    assert "if the model was compiled and called before assay.watch, call watch first" in run.refused[0][1]


def test_watch_of_a_lazy_head() -> None:
    model, data = Net(), loader()
    model.head = nn.LazyLinear(10)  # type: ignore[assignment]
    run = assay.watch(model, training=data, label_names=range(10))
    returned = torch.cat([model(x).detach() for x, _ in data])
    assert outputs_of(run)[0].tobytes() == returned.numpy().tobytes()


def test_a_broken_hook_does_not_stop_the_loop(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    model, data = Net(), loader()
    run = assay.watch(model, training=data)
    monkeypatch.setattr(run, "log_outputs_later", lambda *args, **rest: 1 / 0)
    train(model, data, Notes(), epochs=[0])
    assert run.refused == []
    assert caplog.text.count("ZeroDivisionError: division by zero") == 1
    assert caplog.text.count("a forward was not logged") == 1


def test_a_broken_function_of_the_users_refuses_its_rows() -> None:
    model, data = Net(), loader()
    run = assay.watch(model, training=data, label=lambda batch: 1 / 0)
    train(model, data, Notes(), epochs=[0])
    assert run.outputs() == {}
    assert [n for n, _ in run.refused] == [20, 20]
    assert "ZeroDivisionError: division by zero" in run.refused[0][1]
