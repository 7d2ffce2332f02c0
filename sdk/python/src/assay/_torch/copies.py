"""Copies of a forward's arrays that cost the training loop little: on a CPU a copy, on a CUDA device one that nobody waits for."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

_MOST_FLOAT16 = 6e4  # float16 ends at 65,504
_LEAST_FLOAT16 = 1e-3  # numbers that are all smaller would lose digits
_MOST_FREE_BYTES = 64 << 20
_SERIAL = 32_768  # numbers that torch works on with one thread


class _Buffers:
    """Memory that copies were in: new memory costs the loop more than the copy does."""

    def __init__(self) -> None:
        self._free: dict[Any, list[torch.Tensor]] = {}
        self._nbytes = 0

    def take(self, tensor: torch.Tensor) -> torch.Tensor:
        """Memory for a tensor, with anything in it."""
        free = self._free.get((tensor.shape, tensor.dtype))
        try:
            buffer = free.pop() if free else None
        except IndexError:  # another thread was faster
            buffer = None
        if buffer is None:
            return torch.empty(tensor.shape, dtype=tensor.dtype)
        self._nbytes -= buffer.nbytes
        return buffer

    def give_back(self, buffer: torch.Tensor) -> None:
        """Nobody looks at it any more."""
        if self._nbytes < _MOST_FREE_BYTES:
            self._free.setdefault((buffer.shape, buffer.dtype), []).append(buffer)
            self._nbytes += buffer.nbytes


_buffers = _Buffers()


class HostCopy:
    """A copy of a tensor in the host's memory, taken now and read later.

    Parameters
    ----------
    tensor : Tensor
        Any; what happens to it afterwards does not matter.
    """

    __slots__ = ("_event", "_host", "_is_ours", "nbytes", "shape")

    def __init__(self, tensor: torch.Tensor) -> None:
        tensor = tensor.detach()
        self._event: Any = None
        self.shape = tensor.shape
        self.nbytes = tensor.numel() * tensor.element_size()
        self._is_ours = tensor.device.type == "cpu"
        if self._is_ours:
            self._host = _buffers.take(tensor)
            self._host.copy_(tensor)
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

    def release(self) -> None:
        """Nobody looks at it any more."""
        if self._is_ours:
            _buffers.give_back(self._host)
        del self._host


def logits_matrix(logits: np.ndarray) -> np.ndarray:
    """Logits with one column a class, equal to the bit; a copy.

    A single column `z`, of which a sigmoid makes the probability of the second of two classes, becomes `(0, z)`: its softmax is that sigmoid.

    Parameters
    ----------
    logits : ndarray
        (n, n_classes) or (n, 1).
    """
    if logits.shape[1] != 1:
        return logits.copy()
    return np.concatenate([np.zeros_like(logits), logits], axis=1)


def compact(embeddings: np.ndarray) -> np.ndarray:
    """Embeddings as float16, unless their size needs float32; a copy.

    Parameters
    ----------
    embeddings : ndarray
        (n, width).
    """
    if embeddings.dtype == np.float16:
        return embeddings.copy()
    largest = max(float(embeddings.max(initial=0.0)), -float(embeddings.min(initial=0.0)))
    if largest > _MOST_FLOAT16 or 0 < largest < _LEAST_FLOAT16:
        return embeddings.astype(np.float32)
    half = torch.empty(embeddings.shape, dtype=torch.float16)
    step = max(1, _SERIAL // max(1, embeddings.shape[1]))
    for first in range(0, len(embeddings), step):  # ten times as fast as numpy; in pieces, as torch would take the loop's cores for a large one
        half[first : first + step] = torch.from_numpy(embeddings[first : first + step])
    return half.numpy()
