"""FiftyOne's definitions, written again from fiftyone-brain 0.27.0 (Apache-2.0).

Its own functions want `fiftyone`, which starts a MongoDB service; these take
arrays. Each names the file that it follows, oddities included.
"""

import numpy as np
from scipy.special import log_softmax
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import normalize

SAID = "FiftyOne's definition, of fiftyone-brain 0.27.0"
NEAR_DUPLICATE_THRESHOLD = 0.2
_COSINE_UP_TO = 15_000  # above, it takes Euclidean distances of unit rows


def hardness(logits: np.ndarray) -> np.ndarray:
    """Entropy of the softmax of the logits (`hardness.py`); high is hard."""
    log_probs = log_softmax(np.asarray(logits, dtype=np.float64), axis=1)
    return -(np.exp(log_probs) * log_probs).sum(axis=1)


def mistakenness(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """`(m exp(-entropy) + 1) / 2`, m -1 where prediction and label agree, else 1 (`mistakenness.py`)."""
    sign = np.where(np.argmax(logits, axis=1) == labels, -1.0, 1.0)
    return (sign * np.exp(-hardness(logits)) + 1) / 2


def uniqueness(embeddings: np.ndarray) -> np.ndarray:
    """Weighted mean distance to neighbours, over the largest (`uniqueness.py`); high is unique.

    It asks for 4 neighbours, drops the first as if it were the sample itself, which its index has already left out, and weights the others .6, .3, .1.
    """
    distances, _ = neighbours(embeddings, 4)
    means = (distances[:, 1:] * [0.6, 0.3, 0.1]).mean(axis=1)
    return means / means.max()


def nearest(embeddings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance to the nearest neighbour and its row; near duplicates are those below the threshold (`similarity.py`)."""
    distances, rows = neighbours(embeddings, 1)
    return distances[:, 0], rows[:, 0]


def neighbours(embeddings: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Cosine neighbours of centred embeddings, self excluded (`sklearn.py`)."""
    centred = embeddings - embeddings.mean(axis=0, keepdims=True)
    if len(centred) <= _COSINE_UP_TO:
        return NearestNeighbors(n_neighbors=k, metric="cosine").fit(centred).kneighbors()
    return NearestNeighbors(n_neighbors=k).fit(normalize(centred, axis=1)).kneighbors()
