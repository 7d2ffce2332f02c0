"""Copies of a forward's arrays that cost the training loop little: on a CPU a copy, on a CUDA device one that nobody waits for."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

_MOST_FLOAT16 = 6e4  # float16 ends at 65,504
_LEAST_FLOAT16 = 1e-3  # numbers that are all smaller would lose digits


class HostCopy:
    """A copy of a tensor in the host's memory, taken now and read later.

    Parameters
    ----------
    tensor : Tensor
        Any; what happens to it afterwards does not matter.
    """

    __slots__ = ("_event", "_host", "nbytes", "shape")

    def __init__(self, tensor: torch.Tensor) -> None:
        tensor = tensor.detach()
        self._event: Any = None
        self.shape = tensor.shape
        self.nbytes = tensor.numel() * tensor.element_size()
        if tensor.device.type == "cpu":
            self._host = tensor.clone(memory_format=torch.contiguous_format)
        elif tensor.device.type == "cuda":
            self._host = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
            self._host.copy_(tensor, non_blocking=True)
            self._event = torch.cuda.Event()  # type: ignore[no-untyped-call]
            self._event.record(torch.cuda.current_stream(tensor.device))
        else:
            self._host = tensor.cpu()

    def tensor(self) -> torch.Tensor:
        """The copy, when it has arrived."""
        if self._event is not None:
            self._event.synchronize()
            self._event = None
        return self._host

    def array(self) -> np.ndarray:
        """The copy, when it has arrived; bfloat16, which numpy lacks, as float32, which holds it exactly."""
        host = self.tensor()
        if host.dtype is torch.bfloat16:
            bits = host.view(torch.int16).numpy().view(np.uint16)
            return (bits.astype(np.uint32) << 16).view(np.float32)
        return host.numpy()


def logits_matrix(logits: np.ndarray) -> np.ndarray:
    """Logits with one column a class, equal to the bit.

    A single column `z`, of which a sigmoid makes the probability of the second of two classes, becomes `(0, z)`: its softmax is that sigmoid.

    Parameters
    ----------
    logits : ndarray
        (n, n_classes) or (n, 1).
    """
    if logits.shape[1] != 1:
        return logits
    return np.concatenate([np.zeros_like(logits), logits], axis=1)


def compact(embeddings: np.ndarray) -> np.ndarray:
    """Embeddings as float16, unless their size needs float32.

    Parameters
    ----------
    embeddings : ndarray
        (n, width).
    """
    if embeddings.dtype == np.float16:
        return embeddings
    largest = float(np.abs(embeddings).max(initial=0.0))
    if largest > _MOST_FLOAT16 or 0 < largest < _LEAST_FLOAT16:
        return embeddings.astype(np.float32, copy=False)
    return embeddings.astype(np.float16)
