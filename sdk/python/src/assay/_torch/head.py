"""The layer whose input is the embedding and whose output are the logits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import nn


class Layers(NamedTuple):
    """What is listened to.

    Parameters
    ----------
    head : Module, optional
        Its output are the logits; None: the model's output are.
    head_name : str
        For sentences.
    embedding : Module, optional
        Its output is the embedding; None: the head's input is.
    """

    head: nn.Module | None
    head_name: str
    embedding: nn.Module | None


def unwrapped(model: nn.Module) -> nn.Module:
    """The model inside DistributedDataParallel, torch.compile and the like."""
    while True:
        inner = getattr(model, "_orig_mod", None)
        if inner is None and type(model).__name__ in ("DistributedDataParallel", "DataParallel"):
            inner = model.module
        if not isinstance(inner, nn.Module):
            return model
        model = inner


def find_layers(model: nn.Module, n_classes: int | None, embedding_layer: nn.Module | str | None) -> Layers:
    """Where logits and embedding are.

    Without an override: the last linear layer in the order of `model.named_modules()`, among those with as many outputs as there are
    classes where their number is known.

    Parameters
    ----------
    model : Module
        Unwrapped.
    n_classes : int, optional
        Number of label names, where they were given.
    embedding_layer : Module or str, optional
        A linear head: its input is the embedding, its output the logits. Any other layer: its output is the embedding; the logits are the
        output of the linear head that is found without it, and where there is none, what the model returns.

    Raises
    ------
    ValueError
        If there is no such layer, or no single one; candidates are listed.
    """
    linears = {name: module for name, module in model.named_modules() if _is_linear(model, name, module)}
    if embedding_layer is None:
        name = _single_head(linears, n_classes)
        return Layers(linears[name], name, None)
    name, layer = _named(model, embedding_layer)
    heads = _heads(linears, n_classes)
    if isinstance(layer, nn.Linear) and (name in heads if n_classes is not None else name == next(iter(reversed(linears)), None)):
        return Layers(layer, name, None)
    head = heads[-1] if heads else None
    return Layers(linears[head] if head is not None else None, head or "", layer)


def _is_linear(model: nn.Module, name: str, module: nn.Module) -> bool:
    if not isinstance(module, nn.Linear):
        return False
    parent = model.get_submodule(name.rpartition(".")[0]) if name else None
    return not isinstance(parent, nn.MultiheadAttention)  # which reads its weights without calling it


def _heads(linears: Mapping[str, nn.Linear], n_classes: int | None) -> list[str]:
    names = list(linears)
    if n_classes is None:
        return names[-1:]
    widths = (n_classes, 1) if n_classes == 2 else (n_classes,)
    return [name for name in names if linears[name].out_features in widths]


def _single_head(linears: Mapping[str, nn.Linear], n_classes: int | None) -> str:
    heads = _heads(linears, n_classes)
    if len(heads) == 1:
        return heads[0]
    if not linears:
        raise ValueError(
            "Cannot watch the model as it has no linear layer: give embedding_layer= the layer whose output is the embedding; "
            "what the model returns is then taken as the logits"
        )
    if not heads:
        raise ValueError(
            f"Cannot watch the model as none of its linear layers has {n_classes} outputs, one for each of label_names: {listed(linears)}; "
            "give embedding_layer= one of its layers, whose output is then the embedding, if the logits are made in another way"
        )
    raise ValueError(
        f"Cannot watch the model as several of its linear layers have as many outputs as there are classes: "
        f"{listed({name: linears[name] for name in heads})}; give embedding_layer= the one whose output the loss sees"
    )


def _named(model: nn.Module, layer: nn.Module | str) -> tuple[str, nn.Module]:
    for name, module in model.named_modules():
        if name == layer or module is layer:
            return name, module
    shown = f'"{layer}"' if isinstance(layer, str) else type(layer).__name__
    names = [name for name, _ in model.named_modules() if name]
    raise ValueError(f"Cannot watch the model as embedding_layer {shown} is none of its modules: {', '.join(names[-20:])}")


def listed(linears: Mapping[str, nn.Linear]) -> str:
    """Names and shapes, the last ten."""
    return ", ".join(f'"{name}" ({layer.in_features} -> {layer.out_features})' for name, layer in list(linears.items())[-10:])


def all_linears(model: nn.Module) -> dict[str, nn.Linear]:
    """Linear layers by name."""
    return {name: module for name, module in model.named_modules() if isinstance(module, nn.Linear)}


def logits_in(output: Any) -> torch.Tensor | None:
    """The logits in what a model returned: a tensor, `.logits`, `["logits"]`, or the first of a tuple."""
    if isinstance(output, torch.Tensor):
        return output
    found = getattr(output, "logits", None)
    if found is None and isinstance(output, Mapping):
        found = output.get("logits")
    if found is None and isinstance(output, (tuple, list)) and output:
        found = next((part for part in output if isinstance(part, torch.Tensor) and part.ndim == 2), None)
    return found if isinstance(found, torch.Tensor) else None
