"""What peers say of features and labels: `peer_issues.py FOLDER` reads `features.npy` and `labels.npy`.

Writes `probs.npy`, out-of-sample probabilities that all sides get; `datalab_outlier.npy` and `datalab_near_duplicate.npy`, 1 - its scores, and
`..._flagged.npy`; `fiftyone_outlier.npy` (uniqueness), `fiftyone_near_duplicate.npy` and its flags. High is worse.
`peer_issues.py --digits FOLDER` writes scikit-learn's digits instead.
"""

import sys
from pathlib import Path

import numpy as np
from cleanlab import Datalab
from fiftyone_definitions import NEAR_DUPLICATE_THRESHOLD, nearest, uniqueness
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import StratifiedKFold, cross_val_predict


def probabilities(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Of a linear discriminant analysis, in five folds."""
    scaled = (features - features.mean(axis=0)) / (features.std(axis=0) + 1e-6)
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.2)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return cross_val_predict(model, scaled, labels, cv=folds, method="predict_proba")


def main(folder: Path) -> None:
    features, labels = np.load(folder / "features.npy"), np.load(folder / "labels.npy")
    probs = probabilities(features, labels)
    lab = Datalab({"y": labels}, label_name="y", verbosity=0)
    lab.find_issues(features=features, pred_probs=probs, issue_types={"outlier": {}, "near_duplicate": {}})
    issues = lab.get_issues()
    distances, _ = nearest(features)
    answers = {
        "probs": probs.astype(np.float32),
        "fiftyone_outlier": uniqueness(features),
        "fiftyone_near_duplicate": -distances,
        "fiftyone_near_duplicate_flagged": (distances < NEAR_DUPLICATE_THRESHOLD).astype(np.uint8),
    }
    for name in ("outlier", "near_duplicate"):
        answers[f"datalab_{name}"] = 1 - issues[f"{name}_score"].to_numpy()
        answers[f"datalab_{name}_flagged"] = issues[f"is_{name}_issue"].to_numpy().astype(np.uint8)
    for name, array in answers.items():
        np.save(folder / f"{name}.npy", np.ascontiguousarray(array))


if __name__ == "__main__":
    if sys.argv[1] == "--digits":
        digits = load_digits()
        np.save(Path(sys.argv[2]) / "features.npy", digits.data.astype(np.float32))
        np.save(Path(sys.argv[2]) / "labels.npy", digits.target.astype(np.int32))
    else:
        main(Path(sys.argv[1]))
    print("{}")
