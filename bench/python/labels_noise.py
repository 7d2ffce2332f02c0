"""Labels as a person may get them wrong: by class, by what a sample looks like, by crowd, by neighbour in a list."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int32]

RATE = 0.2
"""Share that is wrong where the setting does not say otherwise."""


def given_labels(
    kind: str,
    *,
    contents: Path,
    rows: NDArray[np.int64],
    truth: Labels,
    doubt: NDArray[np.float64] | None,
    seed: int,
) -> Labels:
    """Labels of `rows` with noise.

    Args:
        kind: `clean`, `class`, `instance`, `pair`, `crowd`, or the name of labels that people gave.
        contents: Folder of the data set.
        rows: Rows used, (n,).
        truth: Their true classes, (n,).
        doubt: Out-of-sample probabilities of a weak model that learned the truth, (n, n_classes); for `class` and `instance`.
        seed: Of what is drawn.
    """
    rng = np.random.default_rng(1000 + seed)
    if kind == "clean":
        return truth.copy()
    if kind == "pair":
        return _flipped(truth, rng.random(len(truth)) < RATE, (truth + 1) % (truth.max() + 1))
    if kind == "class":
        assert doubt is not None
        return _by_class(truth, doubt, rng)
    if kind == "instance":
        assert doubt is not None
        return _by_instance(truth, doubt, rng)
    if kind == "crowd":
        votes = json.loads((contents / "votes.json").read_text())
        return np.array([rng.choice(votes[row]) for row in rows], np.int32)
    given: Labels = np.load(contents / f"given_{kind}.npy")[rows]
    return given


def _flipped(truth: Labels, is_wrong: NDArray[np.bool_], other: Labels) -> Labels:
    return np.where(is_wrong, other, truth).astype(np.int32)


def _by_class(truth: Labels, doubt: NDArray[np.float64], rng: np.random.Generator) -> Labels:
    """Each class has a rate of its own, .05 to .29, and two of the five classes it is most often taken for, 7 to 3."""
    n_classes = doubt.shape[1]
    rates = rng.uniform(0.05, 0.29, n_classes)
    given = truth.copy()
    for k in range(n_classes):
        mine = np.flatnonzero(truth == k)
        taken_for = doubt[mine].mean(0)
        taken_for[k] = -1
        like = np.argsort(-taken_for)[: min(5, n_classes - 1)]
        two = rng.permutation(like)[:2]
        wrong = mine[rng.random(len(mine)) < rates[k]]
        given[wrong] = rng.choice(two, len(wrong), p=[1.0] if len(two) == 1 else [0.7, 0.3])
    return given


def _by_instance(truth: Labels, doubt: NDArray[np.float64], rng: np.random.Generator) -> Labels:
    """A fifth of the samples, drawn by how likely a weak model finds another class: they get that class."""
    rows = np.arange(len(truth))
    others = doubt.copy()
    others[rows, truth] = -1
    other = others.argmax(1).astype(np.int32)
    keys = np.log(others.max(1).clip(1e-9)) + rng.gumbel(size=len(truth))
    is_wrong = np.zeros(len(truth), bool)
    is_wrong[np.argsort(-keys)[: round(RATE * len(truth))]] = True
    return _flipped(truth, is_wrong, other)
