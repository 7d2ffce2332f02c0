import {
  calibratedJoint,
  type ConfidentJoint,
  confidentJoint,
} from "../kernels/confident_joint.ts";
import type { Probs } from "../kernels/prob_rows.ts";

/**
 * The confident joint of probabilities however they are kept: the counts of {@linkcode confidentJoint}, from one row at a time.
 *
 * @param probs Out-of-sample class probabilities, NaN rows where unknown, (n_samples, n_classes).
 * @param labels Given labels, -1 where unlabelled, (n_samples,).
 * @returns Counts, their calibrated form, and its off-diagonal share.
 *
 * @example
 * ```ts
 * import { jointOfRows } from "./joint_of_rows.ts";
 * import { probRows } from "../kernels/prob_rows.ts";
 * import assert from "node:assert/strict";
 *
 * const rows = probRows({ data: Float32Array.of(1, 0, 0, 1, 0, 1), rows: 3, cols: 2 });
 * const joint = jointOfRows(rows, Int32Array.of(0, 0, 1));
 * assert.deepEqual(joint.counts, Float64Array.of(1, 1, 0, 1));
 * ```
 */
export function jointOfRows(probs: Probs, labels: Int32Array): ConfidentJoint {
  if ("data" in probs) return confidentJoint(probs, labels);
  const { cols } = probs;
  const row = new Float32Array(cols);
  const known = labels.slice();
  const given = new Int32Array(cols);
  const thresholds = new Float64Array(cols);
  for (let i = 0; i < labels.length; i++) {
    const y = labels[i]!;
    if (y < 0) continue;
    probs.read(i, row);
    if (Number.isNaN(row[0]!)) { // unknown rows are so from their first column on
      known[i] = -1;
      continue;
    }
    given[y]!++;
    thresholds[y]! += row[y]!;
  }
  for (let k = 0; k < cols; k++) {
    thresholds[k] = given[k] ? thresholds[k]! / given[k]! : Infinity;
  }
  const counts = new Float64Array(cols * cols);
  for (let i = 0; i < labels.length; i++) {
    const y = known[i]!;
    if (y < 0) continue;
    probs.read(i, row);
    let best = -1;
    let most = -Infinity;
    for (let k = 0; k < cols; k++) {
      const p = row[k]!;
      if (p > most && p >= thresholds[k]!) {
        best = k;
        most = p;
      }
    }
    if (best >= 0) counts[y * cols + best]!++;
  }
  return calibratedJoint(counts, given);
}
