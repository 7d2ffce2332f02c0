"""One step of `speed` by a peer, once: `peer_speed.py STEP FOLDER OUT`; prints what it took as JSON."""

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np


def load(folder: Path, name: str) -> np.ndarray:
    return np.load(folder / f"{name}.npy")


def label_issues(folder: Path):
    from cleanlab.filter import find_label_issues

    labels, probs = load(folder, "labels"), load(folder, "probs")
    return lambda: {"flagged": find_label_issues(labels, probs, n_jobs=1)}


def knn_shapley(folder: Path):
    from cleanlab.data_valuation import data_shapley_knn
    from scipy.sparse import csr_matrix

    labels, rows, distances = (load(folder, name) for name in ("labels", "neighbours", "distances"))
    n, k = rows.shape
    graph = csr_matrix((distances.ravel(), rows.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n))
    return lambda: {"values": 2 * data_shapley_knn(labels, knn_graph=graph, k=k) - 1}


def knn_graph(folder: Path):
    from cleanlab.internal.neighbor.knn_graph import create_knn_graph_and_index

    features = load(folder, "features")

    def run():
        graph, _ = create_knn_graph_and_index(features, n_neighbors=10)
        return {"neighbours": graph.indices.reshape(len(features), -1).astype(np.int32)}

    return run


def score_run(folder: Path):
    from cleanlab import Datalab

    labels, probs, features = (load(folder, name) for name in ("labels", "probs", "features"))
    types = ("label", "outlier", "near_duplicate")

    def run():
        lab = Datalab({"y": labels}, label_name="y", verbosity=0)
        lab.find_issues(pred_probs=probs, features=features, issue_types={name: {} for name in types})
        issues = lab.get_issues()
        return {
            name: np.stack([1 - issues[f"{name}_score"], issues[f"is_{name}_issue"]]).astype(np.float32) for name in types
        }

    return run


STEPS = {
    "label_issues_10": label_issues,
    "label_issues_1000": label_issues,
    "knn_shapley": knn_shapley,
    "knn_graph": knn_graph,
    "score_run": score_run,
}


def cpu_seconds() -> float:
    """Of this process and of those it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    step, folder, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    run = STEPS[step](folder)
    cpu, wall = cpu_seconds(), time.perf_counter()
    answer = run()
    took = {
        "wall_seconds": time.perf_counter() - wall,
        "cpu_seconds": cpu_seconds() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, array in answer.items():
        np.save(out / f"{name}.npy", array.astype(np.uint8) if array.dtype == bool else array)
    print(json.dumps(took))


if __name__ == "__main__":
    main()
