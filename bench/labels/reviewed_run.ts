import { collectSignals } from "../../gpu-worker/detectors/collect_signals.ts";
import type { CollectedSignals } from "../../gpu-worker/detectors/collected_signals.ts";
import {
  errorEstimates,
  labelErrors,
} from "../../gpu-worker/detectors/label_errors.ts";
import { reviewedLabels } from "../../gpu-worker/detectors/reviewed_labels.ts";
import { scoreDataset } from "../../gpu-worker/detectors/score_dataset.ts";
import type {
  Review,
  ScoreResult,
} from "../../gpu-worker/detectors/score_types.ts";
import { drawAudit } from "../../shared/audit/draw_audit.ts";
import type { ErrorEstimates } from "../../shared/types/result.ts";
import { type AssayRun, flagsOf } from "./assay_scores.ts";
import type { TrainedRun } from "./trained_run.ts";

/** What is said of labels once some were judged. */
export interface ReviewedRun {
  /** Rows that nobody judged. */
  readonly open: Int32Array;
  /** Probability that each label is wrong, NaN where it is not told, (n,). */
  readonly probability: ArrayLike<number>;
  /** The score that ranks, (n,). */
  readonly score: ArrayLike<number>;
  /** 1 where flagged mislabeled, (n,); null where that was not asked. */
  readonly isFlagged: Uint8Array | null;
  /** Estimated share of wrong labels; null where it is not told. */
  readonly rate: number | null;
  /** How many to expect; null where it is not told. */
  readonly errors: ErrorEstimates | null;
}

/** Log-odds that audits are drawn by: of the probability where it is told, else of the score, (n,). */
export function auditLogOdds({ columns }: ScoreResult): Float64Array {
  const { mislabeledProbability, mislabeledScore } = columns;
  return Float64Array.from(mislabeledScore, (score, row) => {
    const told = mislabeledProbability[row]!;
    const p = Number.isNaN(told) ? score : told;
    const kept = Math.max(1e-6, Math.min(1 - 1e-6, p)); // NaN stays
    return Math.log(kept / (1 - kept));
  });
}

/** What somebody who knows the truth says of `n` labels, drawn as the product draws an audit. */
function rightReviews({ run, result }: AssayRun, n: number, seed: number) {
  const { rows } = drawAudit(auditLogOdds(result), n, seed);
  return Array.from(
    rows,
    (row): Review =>
      run.isWrong[row]
        ? { row, verdict: "relabel", label: run.truth[row]! }
        : { row, verdict: "keep", label: run.labels[row]! },
  );
}

function openRows({ labels }: TrainedRun, reviews: readonly Review[]) {
  const judged = new Set(reviews.map(({ row }) => row));
  return Int32Array.from(labels.keys()).filter((row) => !judged.has(row));
}

/** What a result says of some rows. */
export function saidOf(result: ScoreResult, open: Int32Array): ReviewedRun {
  const { columns, issueScores, summary } = result;
  return {
    open,
    probability: columns.mislabeledProbability,
    score: issueScores.mislabeled!,
    isFlagged: flagsOf(result),
    rate: summary.estimated_noise_rate,
    errors: summary.expected_errors ?? null,
  };
}

/** The same run after people judged `n` labels rightly, scored again as the product does. */
export async function afterReviews(
  all: AssayRun,
  n: number,
  seed: number,
): Promise<ReviewedRun> {
  const { run, result } = all;
  const reviews = rightReviews(all, n, seed);
  return saidOf(
    await scoreDataset({ ...run.inputs, reviews, graphs: result.graphs }),
    openRows(run, reviews),
  );
}

/**
 * The same in a fraction of a second, again and again: evidence is taken as it was before, so that what verdicts do to neighbours and to the probe is
 * left out.
 */
export async function quickReviews(
  all: AssayRun,
): Promise<(n: number, seed: number) => ReviewedRun> {
  const { run, result } = all;
  const { evidence, errors, signals }: CollectedSignals = await collectSignals({
    ...run.inputs,
    graphs: result.graphs,
  }, {});
  const range = signals.splits[0]!;
  return (n, seed) => {
    const reviews = rightReviews(all, n, seed);
    const reviewed = reviewedLabels(run.labels, reviews);
    const found = labelErrors(
      evidence,
      signals.splits,
      reviewed,
      errors.signals,
    );
    const [own] = found.evidence;
    return {
      open: openRows(run, reviews),
      probability: own!.isCalibrated
        ? own!.probability
        : own!.probability.map(() => NaN),
      score: own!.logOdds.map((z) => 1 / (1 + Math.exp(-z))),
      isFlagged: null,
      rate: own!.noiseRate,
      errors: errorEstimates(found, reviewed, new Int32Array(), range),
    };
  };
}
