import { scoreDataset } from "../../gpu-worker/detectors/score_dataset.ts";
import type {
  Review,
  ScoreResult,
} from "../../gpu-worker/detectors/score_types.ts";
import { drawAudit } from "../../shared/audit/draw_audit.ts";
import type { AssayRun } from "./assay_scores.ts";

/** Log-odds that each label is wrong, by the score that ranks, (n,). */
export function scoreLogOdds({ issueScores }: ScoreResult): Float64Array {
  return Float64Array.from(
    issueScores.mislabeled!,
    (p) => Math.log((p + 1e-7) / (1 - p + 1e-7)),
  );
}

/** The same run after people judged `n` labels rightly, drawn as the product draws an audit; and the rows that nobody judged. */
export async function afterReviews(
  { run, result }: AssayRun,
  n: number,
  seed: number,
): Promise<{ result: ScoreResult; open: Int32Array }> {
  const { rows } = drawAudit(scoreLogOdds(result), n, seed);
  const reviews = Array.from(
    rows,
    (row): Review =>
      run.isWrong[row]
        ? { row, verdict: "relabel", label: run.truth[row]! }
        : { row, verdict: "keep", label: run.labels[row]! },
  );
  const judged = new Set(rows);
  return {
    result: await scoreDataset({
      ...run.inputs,
      reviews,
      graphs: result.graphs,
    }),
    open: Int32Array.from(run.labels.keys()).filter((row) => !judged.has(row)),
  };
}
