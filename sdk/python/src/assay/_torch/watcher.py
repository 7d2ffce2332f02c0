"""Listens to a model's forwards, and logs what they computed of the batches they belong to."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from .._rows import OutputArrays, RowsRefused
from .batches import Batch, Ledger, Match
from .copies import HostCopy, compact, logits_matrix
from .head import Layers, all_linears, listed, logits_in
from .hooks import Hook
from .row_values import find_values, row_values

if TYPE_CHECKING:
    from ..run import Run

logger = logging.getLogger("assay")


class Watcher:
    """Hooks of one model.

    Parameters
    ----------
    run : Run
        Where outputs go.
    model : Module
        As the loop calls it.
    inner : Module
        The same, unwrapped.
    layers : Layers
        Where logits and embedding are.
    ledger : Ledger
        Batches on their way.
    with_embeddings : bool
        Whether embeddings are logged.
    """

    def __init__(self, run: Run, model: nn.Module, inner: nn.Module, layers: Layers, ledger: Ledger, with_embeddings: bool) -> None:
        self._run, self._inner, self._layers, self._ledger = run, inner, layers, ledger
        self._with_embeddings = with_embeddings
        self._local = threading.local()
        self._is_confirmed = False
        self.n_calls = 0
        self._calls_submodules = True  # until the model itself is called
        self._handles = [
            model.register_forward_pre_hook(Hook(model, self._on_call), with_kwargs=True),
            model.register_forward_hook(Hook(model, self._on_return), with_kwargs=True),
        ]
        if layers.head is not None:
            self._handles.append(layers.head.register_forward_hook(Hook(layers.head, self._on_head)))
        if layers.embedding is not None and with_embeddings:
            self._handles.append(layers.embedding.register_forward_hook(Hook(layers.embedding, self._on_embedding)))

    def close(self) -> None:
        """Take the hooks away."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()

    def give_up(self, batches: Sequence[Batch]) -> None:
        """Refuse batches that forwards may have been of, and could not be told; what the loop left out is not worth a word."""
        for batch in batches:
            n_rows = len(batch.seen) - sum(batch.seen)
            if batch.strangers and n_rows:
                self._run.note_refused(
                    n_rows,
                    f"no forward could be matched to batches of {batch.pass_.source.name}: the model's input lay neither in the batch's memory nor "
                    "had its values, and it was not the only batch on its way; where a loop prefetches, cuts or shuffles batches and "
                    "changes their values too, log with run.log_outputs and ids of your own",
                )

    def _on_call(self, model: nn.Module, args: Any, kwargs: Any) -> None:
        self._calls_submodules = False
        self.n_calls += 1
        match = self._ledger.find(args, kwargs)
        self._local.forward = None if match is None or match.batch.has_seen(match.rows) else _Forward(match)

    def _on_embedding(self, layer: nn.Module, args: Any, output: Any) -> None:
        forward = getattr(self._local, "forward", None)
        if forward is not None and forward.embedding is None:
            forward.embedding = _copied(output)

    def _on_head(self, head: nn.Module, args: Any, output: Any) -> None:
        forward = getattr(self._local, "forward", None)
        if forward is None and self._calls_submodules and isinstance(output, torch.Tensor) and output.ndim:
            match = self._ledger.only(len(output))
            forward = None if match is None else _Forward(match)
        if forward is None or forward.logits is not None:
            return
        forward.logits = _copied(output)
        if self._with_embeddings and self._layers.embedding is None and args:
            forward.embedding = _copied(args[0])
        if self._calls_submodules:
            self._log(forward)

    def _on_return(self, model: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        forward = getattr(self._local, "forward", None)
        self._local.forward = None
        if forward is None:
            return
        if self._layers.head is None:
            forward.logits = _copied(logits_in(output))
        problem = None if self._is_confirmed else self._problem_of(forward, output)
        if problem is None:
            self._log(forward)
        else:
            self._refuse(forward, problem)

    def _problem_of(self, forward: _Forward, output: Any) -> str | None:
        """Why the head's output are not the logits that the model returns."""
        name = self._layers.head_name
        if forward.logits is None and self._layers.head is None:
            return 'the model returns no logits: neither a tensor, nor .logits, nor ["logits"], nor a tuple with a matrix'
        if forward.logits is None:
            return (
                f'layer "{name}" did not run when the model did: if the model was compiled and called before assay.watch, call watch first; '
                "else give embedding_layer= the layer that gives the logits"
            )
        returned = logits_in(output)
        if returned is None or returned.ndim != 2 or len(returned) != len(forward.match.rows):
            return None
        if len(forward.logits.shape) == 2 and forward.logits.shape[1] != returned.shape[1]:
            return (
                f'the model returns {returned.shape[1]} numbers a row, and its last linear layer "{name}" gives {forward.logits.shape[1]}: give '
                f"embedding_layer= the one whose output the loss sees, of {listed(all_linears(self._inner))}"
            )
        self._is_confirmed = True
        return None

    def _log(self, forward: _Forward) -> None:
        match, logits = forward.match, forward.logits
        n = len(match.rows)
        is_single = logits is not None and n == 1 and len(logits.shape) == 1
        if logits is None or not is_single and (logits.shape[0] != n or len(logits.shape) > 2):
            shape = None if logits is None else tuple(logits.shape)
            self._refuse(forward, f"logits must have a row for each of a batch's {n} samples, (n, n_classes): current shape is {shape}")
            return
        split, pass_ = match.batch.pass_.source, match.batch.pass_
        if not self._consume(match):
            return
        epoch = split.epoch_of(pass_)
        if epoch is None:
            logger.info("assay: outputs of %s from before the training are not logged", split.name)
            return
        make = Made(match, logits, forward.embedding if self._with_embeddings else None)
        self._run.log_outputs_later(n, make.nbytes, make, epoch=epoch, split=split.name)
        if pass_.has_ended:
            split.close_epoch(pass_)

    def _refuse(self, forward: _Forward, sentence: str) -> None:
        if self._consume(forward.match):
            self._run.note_refused(len(forward.match.rows), sentence)

    def _consume(self, match: Match) -> bool:
        is_first, given_up = self._ledger.consume(match)
        self.give_up(given_up)
        return is_first


class _Forward:
    __slots__ = ("embedding", "logits", "match")

    def __init__(self, match: Match) -> None:
        self.match = match
        self.logits: HostCopy | None = None
        self.embedding: HostCopy | None = None


class Made:
    """Makes arrays of copies, when it is called, on the buffer's thread.

    Parameters
    ----------
    match : Match
        Whose rows.
    logits, embedding : HostCopy
        The copies.
    """

    def __init__(self, match: Match, logits: HostCopy, embedding: HostCopy | None) -> None:
        batch, rows = match.batch, match.rows
        self._ids = batch.ids if len(rows) == len(batch.ids) and isinstance(rows, range) else [batch.ids[row] for row in rows]
        self._logits, self._embedding = logits, embedding
        self._check: Callable[[Sequence[Any]], Sequence[Any]] | None = None if match.unsure is None else _Check(batch, match.unsure)
        self.nbytes = logits.nbytes + (embedding.nbytes if embedding else 0)

    def __call__(self) -> OutputArrays:
        ids = self._ids if self._check is None else self._check(self._ids)
        logits = logits_matrix(self._logits.array().reshape(len(ids), -1))
        embeddings = self._embeddings(len(ids))
        for copied in (self._logits, self._embedding):
            if copied is not None:
                copied.release()
        return OutputArrays(ids, logits, embeddings)

    def _embeddings(self, n: int) -> np.ndarray | None:
        if self._embedding is None:
            return None
        array = self._embedding.array()
        if array.ndim == 1:
            array = array.reshape(n, -1)
        if len(array) != n:
            raise RowsRefused(f"embeddings must have a row for each of {n} samples: current shape is {array.shape}")
        if array.ndim == 3:
            array = array.mean(axis=1)
        return compact(array.mean(axis=tuple(range(2, array.ndim))) if array.ndim > 3 else array.reshape(n, -1))


class _Check:
    """Compares the values that a model saw on a device with those of the batch, when they have arrived."""

    def __init__(self, batch: Batch, given: torch.Tensor) -> None:
        self._batch = batch
        self._width = given.numel() // len(given)
        self._values = HostCopy(row_values(given))

    def __call__(self, ids: Sequence[Any]) -> Sequence[Any]:
        pass_ = self._batch.pass_
        rows = find_values(self._values.tensor(), self._width, self._batch.tensors, len(ids))
        if rows is None and pass_.keeps_values:
            raise RowsRefused(f"a forward of {pass_.source.name} had other values than its batch, while others had the same")
        if rows is None:
            return ids
        pass_.keeps_values = True
        return [ids[row] for row in rows]


def _copied(value: Any) -> HostCopy | None:
    if isinstance(value, (tuple, list)):
        value = next((part for part in value if isinstance(part, torch.Tensor)), None)
    if not isinstance(value, torch.Tensor) or not value.ndim:
        return None
    return HostCopy(value)
