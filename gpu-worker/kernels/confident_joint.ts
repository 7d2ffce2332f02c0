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
 * hold NaN are left out. O(n_samples * n_classes).
 *
 * Source: Northcutt, Jiang and Chuang (2021), JAIR 70, section 3.1, equations
 * 1 to 3 with the paper's collision rule (cleanlab's code takes the argmax over
 * all classes instead). Only honest on out-of-sample probabilities.
 *
 * @param predProbs Out-of-sample class probabilities, (n_samples, n_classes).
 * @param labels Given labels, -1 where unlabelled, (n_samples,).
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
): ConfidentJoint {
  const { rows, cols } = predProbs;
  if (labels.length !== rows) {
    throw new RangeError(
      `Cannot count labels as labels.length must equal predProbs.rows: got ${labels.length} and ${rows}`,
    );
  }
  // Most data hold no NaN: rows that do are looked for only where the count meets one.
  const { given, counts } = countRows(predProbs, labels) ??
    countRows(predProbs, withoutNaN(predProbs, labels))!;

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

/** Null where a labelled row holds NaN. */
function countRows(
  { data, rows, cols }: Matrix,
  labels: Int32Array,
): { given: Float64Array; counts: Float64Array } | null {
  const given = new Float64Array(cols);
  const thresholds = new Float64Array(cols);
  for (let i = 0; i < rows; i++) {
    const y = labels[i]!;
    if (y < 0) continue;
    given[y]! += 1;
    thresholds[y]! += data[i * cols + y]!;
  }
  for (let k = 0; k < cols; k++) {
    thresholds[k] = given[k] ? thresholds[k]! / given[k]! : Infinity;
  }
  const counts = new Float64Array(cols * cols);
  for (let i = 0; i < rows; i++) {
    const y = labels[i]!;
    if (y < 0) continue;
    const start = i * cols;
    let best = -1;
    let most = -Infinity;
    for (let k = 0; k < cols; k++) {
      const p = data[start + k]!;
      if (p <= most) continue;
      if (p !== p) return null;
      if (p >= thresholds[k]!) {
        best = k;
        most = p;
      }
    }
    if (best >= 0) counts[y * cols + best]! += 1;
  }
  return { given, counts };
}

/** Labels, -1 too where the row holds NaN. */
function withoutNaN({ data, cols }: Matrix, labels: Int32Array): Int32Array {
  return labels.map((y, i) =>
    data.subarray(i * cols, (i + 1) * cols).some(Number.isNaN) ? -1 : y
  );
}
