"""Which labels of a CSV file are wrong? No model, one call; and, where the truth is known, how right the answer is."""

from __future__ import annotations

import argparse
import csv
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import assay


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", nargs="?", help="a CSV file, or whatever assay.auto takes")
    parser.add_argument("--text", default="text", help="column of texts")
    parser.add_argument("--label", default="label", help="column of given labels")
    parser.add_argument("--id", default="id", help="column of ids")
    parser.add_argument("--truth", help="a CSV file with the columns id and label, for grading only")
    parser.add_argument("--seeds", type=int, help="grade this many samples of the mails of make_mails_csv.ts instead")
    asked = parser.parse_args()
    if asked.seeds:
        grade_seeds(asked.seeds)
        return
    if asked.table is None:
        parser.error("name a table, or use --seeds")
    result = assay.auto(asked.table, text=asked.text, label=asked.label, id=asked.id)
    print(result)
    print(f"\n{result.seconds:.1f} s from the call to the answer")
    if asked.truth:
        auprc, precision, rate, true_rate = grade(result, asked.table, asked.truth, asked.label)
        print(f"AUPRC {auprc:.3f}, precision at n {precision:.3f}, share of wrong labels {shown(rate)} (true: {true_rate:.3f})")


def grade(result: Any, table: str | Path, truth: str | Path, label: str = "label") -> tuple[float, float, float | None, float]:
    """AUPRC, precision among as many of the worst as labels are wrong, the estimated and the true share of wrong labels."""
    true = {row["id"]: row["label"] for row in read_csv(truth)}
    is_wrong = {row["id"]: row[label] != true[row["id"]] for row in read_csv(table)}
    ranked = [row for row in result.worst(result.n_samples) if row["mislabeled_score"] is not None]
    n_wrong = sum(is_wrong.values())
    found, precisions = 0, []
    for at, row in enumerate(sorted(ranked, key=lambda row: -row["mislabeled_score"]), start=1):
        if is_wrong[row["sample_id"]]:
            found += 1
            precisions.append(found / at)
    precision = sum(is_wrong[row["sample_id"]] for row in ranked[:n_wrong]) / n_wrong
    return sum(precisions) / n_wrong, precision, result.summary["estimated_noise_rate"], n_wrong / len(is_wrong)


def grade_seeds(n: int) -> None:
    """A line for each seed, and one for the medians."""
    print("| seed | AUPRC | precision at n | share of wrong labels | true share | seconds |\n|---|---|---|---|---|---|", flush=True)
    grades = []
    for seed in range(n):
        with tempfile.TemporaryDirectory() as folder:
            make_mails(folder, seed)
            table, truth = Path(folder, "mails.csv"), Path(folder, "mails_truth.csv")
            result = assay.auto(table, text="text", label="label", id="id", name=f"mails.csv, seed {seed}", dataset="mails.csv")
            grades.append((*grade(result, table, truth), result.seconds))
        print(line(str(seed), grades[-1]), flush=True)
    rated = [row for row in grades if row[2] is not None]
    rate = statistics.median(row[2] for row in rated) if rated else None
    middle = [statistics.median(row[at] for row in grades) for at in (0, 1, 3, 4)]
    print(line("median", (*middle[:2], rate, *middle[2:])), flush=True)


def make_mails(folder: str | Path, seed: int) -> None:
    """Run make_mails_csv.ts."""
    script = Path(__file__).with_name("make_mails_csv.ts")
    subprocess.run(["deno", "run", "-A", "--quiet", script, "--seed", str(seed), "--out", folder], check=True, stdout=sys.stderr)


def line(name: str, grade: tuple[float, float, float | None, float, float]) -> str:
    auprc, precision, rate, true_rate, seconds = grade
    return f"| {name} | {auprc:.3f} | {precision:.3f} | {shown(rate)} | {true_rate:.3f} | {seconds:.1f} |"


def shown(rate: float | None) -> str:
    return "not enough evidence" if rate is None else f"{rate:.3f}"


def read_csv(path: str | Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
