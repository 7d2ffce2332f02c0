import { logInPlace } from "./log_in_place.ts";
import {
  LEAST_PROBABILITY,
  type LogOddsMargins,
  logOddsMargins,
} from "./log_odds_margins.ts";
import type { Matrix } from "./matrix.ts";
import { noiseFactors } from "./noise_factors.ts";

/**
 * Log-odds margin, moved by what is known about the noise: with
 * `R[k] = P[k] * T[k,y] ** (1 / 4)`, `log R[y] - log((sum_{k != y} R[k] + max_{k != y} R[k]) / 2)`.
 *
 * The sum asks whether some other class is likely, the maximum whether a single
 * one is; people err where either holds. Low means suspicious. `T[true, given]` is the calibrated confident joint read
 * by true class, each row shrunk half-way to uniform. Without `joint` T is left
 * out, which is the plain log-odds margin, against the likeliest other class. Probabilities count as at least
 * 1e-12. Unlabelled samples and rows that hold NaN are NaN; with one class the
 * margin is 0. O(n_samples * n_classes).
 *
 * Source: ours; measured on the noisy labels of CIFAR-10N.
 *
 * @param predProbs Out-of-sample class probabilities, (n_samples, n_classes).
 * @param labels Given labels, -1 where unlabelled, (n_samples,).
 * @param joint Calibrated confident joint, by given and true label, (n_classes, n_classes).
 * @param plain Log-odds margins and rivals of the same; to spare their cost where they are known.
 * @returns Margins, (n_samples,).
 * @throws {RangeError} If the shapes disagree.
 *
 * @example
 * ```ts
 * import { noiseAwareMargins } from "./noise_aware_margins.ts";
 * import assert from "node:assert/strict";
 *
 * const predProbs = { data: Float32Array.of(0.5, 0.5), rows: 1, cols: 2 };
 * assert.equal(noiseAwareMargins(predProbs, Int32Array.of(0))[0], 0);
 * ```
 */
export function noiseAwareMargins(
  predProbs: Matrix,
  labels: Int32Array,
  joint?: Float64Array,
  plain: LogOddsMargins = logOddsMargins(predProbs, labels),
): Float64Array {
  const { data, rows, cols } = predProbs;
  if (labels.length !== rows || (joint && joint.length !== cols * cols)) {
    throw new RangeError(
      `Cannot take margins as labels and joint must fit predProbs (${rows}, ${cols}): got ${labels.length} labels and ${joint?.length} counts`,
    );
  }
  if (!joint || cols === 1) return plain.margins;
  // Products keep the order of the logarithms' sums, for one logarithm a row; a label is not its own rival.
  const factors = noiseFactors(joint, cols);
  const ownFactors = new Float64Array(cols);
  const leastRivals = new Float64Array(cols);
  for (let y = 0; y < cols; y++) {
    ownFactors[y] = factors[y * cols + y]!;
    factors[y * cols + y] = 0;
    let most = 0;
    for (let k = 0; k < cols; k++) {
      most = Math.max(most, factors[y * cols + k]!);
    }
    leastRivals[y] = LEAST_PROBABILITY * most;
  }
  const { margins: known, rivals } = plain;
  const least = LEAST_PROBABILITY; // what is exported is looked up each time
  const margins = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    if (known[i]! !== known[i]!) { // unlabelled, or a row with NaN
      margins[i] = NaN;
      continue;
    }
    const y = labels[i]!;
    const start = i * cols;
    const noise = y * cols;
    const likeliest = rivals[i]!; // most often the largest, so that few are ahead of it
    let rival = Math.max(
      leastRivals[y]!,
      data[start + likeliest]! * factors[noise + likeliest]!,
    );
    let others = 0;
    for (let k = 0; k < cols; k++) {
      const value = data[start + k]! * factors[noise + k]!;
      if (value > rival) rival = value;
      others += value;
    }
    const own = Math.max(data[start + y]!, least) * ownFactors[y]!;
    margins[i] = 2 * own / (others + rival);
  }
  logInPlace(margins);
  return margins;
}
