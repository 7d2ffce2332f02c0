import type { Matrix } from "./matrix.ts";
import { noiseFactors } from "./noise_factors.ts";

/** Less is what a network rounds to. */
const LEAST_PROBABILITY = 1e-9;

/**
 * Log-odds that each given label is right where wrong ones are the model's own
 * second thoughts.
 *
 * If a sample of class k is given another class y with a chance in proportion to
 * `P[y]^c`, c = 3/4, then the odds of a right label are
 * `P[y]^(1 - c) T[y,y]^(1/4) / sum_{k != y} P[k] T[k,y]^(1/4) / sum_{j != k} P[j]^c`.
 * That a label is unlikely counts for little (c = 0 would be all of it, c = 1
 * none), that another class is likely counts for much. T as in
 * {@linkcode noiseFactors}. Probabilities count as at least 1e-9. Low means
 * suspicious; 0 where all classes are alike. Unlabelled samples and rows that hold NaN are NaN;
 * with one class the margin is 0. O(n_samples * n_classes).
 *
 * Source: ours; measured on labels made wrong by class, by pair and by what a weak model takes a sample for.
 *
 * @param predProbs Out-of-sample class probabilities, (n_samples, n_classes).
 * @param labels Given labels, -1 where unlabelled, (n_samples,).
 * @param joint Calibrated confident joint, by given and true label, (n_classes, n_classes).
 * @returns Margins, (n_samples,).
 * @throws {RangeError} If the shapes disagree.
 *
 * @example
 * ```ts
 * import { lookalikeMargins } from "./lookalike_margins.ts";
 * import assert from "node:assert/strict";
 *
 * const predProbs = { data: Float32Array.of(0.25, 0.75), rows: 1, cols: 2 };
 * const [margin] = lookalikeMargins(predProbs, Int32Array.of(0), new Float64Array(4));
 * assert.ok(margin! < 0);
 * ```
 */
export function lookalikeMargins(
  predProbs: Matrix,
  labels: Int32Array,
  joint: Float64Array,
): Float64Array {
  const { data, rows, cols } = predProbs;
  if (labels.length !== rows || joint.length !== cols * cols) {
    throw new RangeError(
      `Cannot take margins as labels and joint must fit predProbs (${rows}, ${cols}): got ${labels.length} labels and ${joint.length} counts`,
    );
  }
  const factors = noiseFactors(joint, cols);
  const powers = new Float64Array(cols);
  const margins = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const y = labels[i]!;
    if (y < 0) {
      margins[i] = NaN;
      continue;
    }
    const start = i * cols;
    let all = 0;
    for (let k = 0; k < cols; k++) {
      const root = Math.sqrt(Math.max(LEAST_PROBABILITY, data[start + k]!)); // keeps NaN
      const power = root * Math.sqrt(root);
      powers[k] = power;
      all += power;
    }
    let wrong = 0;
    for (let k = 0; k < cols; k++) {
      if (k === y) continue;
      const p = Math.max(LEAST_PROBABILITY, data[start + k]!);
      wrong += p * factors[y * cols + k]! / (all - powers[k]!);
    }
    const own = Math.max(LEAST_PROBABILITY, data[start + y]!);
    const right = own / powers[y]! * factors[y * cols + y]!;
    margins[i] = cols === 1 ? all * 0 : Math.log(right / wrong);
  }
  return margins;
}
