import { expectedF1Threshold } from "./expected_f1_threshold.ts";

/**
 * How many of the most probable to flag: the n that maximises the expected F1
 * of flagging the n most probable, `2 * sum_top_n(P) / (n + sum(P))`.
 *
 * NaN counts as 0. Of equal maxima the smallest n. A few passes of O(n); source
 * and method: {@linkcode expectedF1Threshold}.
 *
 * @param probabilities Probability of each sample to be positive, (n,).
 * @returns A number in 0..n; 0 only if no probability is above 0.
 *
 * @example
 * ```ts
 * import { expectedF1Count } from "./expected_f1_count.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(expectedF1Count([0.1, 0.9, 0.8, 0]), 2);
 * ```
 */
export function expectedF1Count(probabilities: ArrayLike<number>): number {
  const threshold = expectedF1Threshold(probabilities);
  let count = 0;
  for (let i = 0; i < probabilities.length; i++) {
    if (probabilities[i]! > threshold) count++;
  }
  return count;
}
