import { type LogOddsMargins, logOddsMargins } from "./log_odds_margins.ts";
import type { Matrix } from "./matrix.ts";

/** Counts of (given, likely true) label pairs; see {@linkcode confidentJoint}. */
export interface ConfidentJoint {
  /** Samples counted by given label and confident label, (n_classes, n_classes). */
  readonly counts: Float64Array;
  /** `counts` with rows scaled to the number of samples given each label, (n_classes, n_classes). */
  readonly calibrated: Float64Array;
  /** Off-diagonal share of `calibrated`: the estimated share of wrong labels; NaN if nothing was counted. */
  readonly offDiagonalShare: number;
}

/**
 * The confident joint: how many samples given label i look like class j.
 *
 * A class's threshold is the mean probability it gets from samples given that
 * label. A sample counts for the most probable of the classes whose threshold
 * it reaches; for none, it is not counted. Unlabelled samples and rows that
 * hold NaN are left out. O(n_samples * n_classes); with the margins, O(n_samples)
 * but for samples whose most probable class does not reach its threshold.
 *
 * Source: Northcutt, Jiang and Chuang (2021), JAIR 70, section 3.1, equations
 * 1 to 3 with the paper's collision rule (cleanlab's code takes the argmax over
 * all classes instead). Only honest on out-of-sample probabilities.
 *
 * @param predProbs Out-of-sample class probabilities, (n_samples, n_classes).
 * @param labels Given labels, -1 where unlabelled, (n_samples,).
 * @param plain Log-odds margins and rivals of the same; to spare their cost where they are known.
 * @returns Counts, their calibrated form, and its off-diagonal share.
 * @throws {RangeError} If the shapes disagree.
 *
 * @example
 * ```ts
 * import { confidentJoint } from "./confident_joint.ts";
 * import assert from "node:assert/strict";
 *
 * const predProbs = { data: Float32Array.of(1, 0, 0, 1, 0, 1), rows: 3, cols: 2 };
 * const joint = confidentJoint(predProbs, Int32Array.of(0, 0, 1));
 * assert.deepEqual(joint.counts, Float64Array.of(1, 1, 0, 1));
 * ```
 */
export function confidentJoint(
  predProbs: Matrix,
  labels: Int32Array,
  plain: LogOddsMargins = logOddsMargins(predProbs, labels),
): ConfidentJoint {
  const { rows } = predProbs;
  if (labels.length !== rows) {
    throw new RangeError(
      `Cannot count labels as labels.length must equal predProbs.rows: got ${labels.length} and ${rows}`,
    );
  }
  const { given, thresholds } = selfConfidence(predProbs, labels, plain);
  return calibratedJoint(
    countRows(predProbs, labels, plain, thresholds),
    given,
  );
}

/**
 * Counts with their calibrated form.
 *
 * @param counts Samples counted by given label and confident label, (n_classes, n_classes).
 * @param given Samples given each label, whether counted or not, (n_classes,).
 */
export function calibratedJoint(
  counts: Float64Array,
  given: Int32Array,
): ConfidentJoint {
  const cols = given.length;
  const calibrated = new Float64Array(cols * cols);
  let total = 0;
  let diagonal = 0;
  for (let k = 0; k < cols; k++) {
    const start = k * cols;
    let sum = 0;
    for (let j = start; j < start + cols; j++) sum += counts[j]!;
    if (sum === 0) continue;
    for (let j = start; j < start + cols; j++) {
      calibrated[j] = counts[j]! / sum * given[k]!;
    }
    total += given[k]!;
    diagonal += calibrated[start + k]!;
  }
  return { counts, calibrated, offDiagonalShare: 1 - diagonal / total };
}

/** Samples given each label, and the mean probability that they give it; Infinity where there is none. */
function selfConfidence(
  { data, rows, cols }: Matrix,
  labels: Int32Array,
  { margins }: LogOddsMargins,
): { given: Int32Array; thresholds: Float64Array } {
  const given = new Int32Array(cols);
  const thresholds = new Float64Array(cols);
  for (let i = 0; i < rows; i++) {
    if (margins[i]! !== margins[i]!) continue; // unlabelled, or a row with NaN
    const y = labels[i]!;
    given[y]!++;
    thresholds[y]! += data[i * cols + y]!;
  }
  for (let k = 0; k < cols; k++) {
    thresholds[k] = given[k] ? thresholds[k]! / given[k]! : Infinity;
  }
  return { given, thresholds };
}

function countRows(
  { data, rows, cols }: Matrix,
  labels: Int32Array,
  { margins, rivals }: LogOddsMargins,
  thresholds: Float64Array,
): Float64Array {
  const least = thresholds.reduce((a, b) => Math.min(a, b), Infinity);
  const counts = new Float64Array(cols * cols);
  for (let i = 0; i < rows; i++) {
    if (margins[i]! !== margins[i]!) continue;
    const start = i * cols;
    const y = labels[i]!;
    const rival = rivals[i]!;
    let best = y;
    let most = data[start + y]!;
    if (rival >= 0) {
      const p = data[start + rival]!;
      if (p > most || (p === most && rival < y)) {
        best = rival;
        most = p;
      }
    }
    if (most < least) continue;
    if (most < thresholds[best]!) {
      best = mostConfident(data, start, thresholds);
      if (best < 0) continue;
    }
    counts[y * cols + best]!++;
  }
  return counts;
}

/** The most probable class that reaches its threshold, the first of equals; -1 for none. */
function mostConfident(
  data: Float32Array,
  start: number,
  thresholds: Float64Array,
): number {
  let best = -1;
  let most = -Infinity;
  for (let k = 0; k < thresholds.length; k++) {
    const p = data[start + k]!;
    if (p > most && p >= thresholds[k]!) {
      best = k;
      most = p;
    }
  }
  return best;
}
