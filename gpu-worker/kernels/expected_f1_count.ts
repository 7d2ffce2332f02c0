/**
 * How many of the most probable to flag: the n that maximises the expected F1
 * of flagging the n most probable, `2 * sum_top_n(P) / (n + sum(P))`.
 *
 * NaN counts as 0. Of equal maxima the smallest n. O(n log n).
 *
 * Source: the plug-in form of Lipton, Elkan and Naryanaswamy (2014), "Optimal
 * thresholding of classifiers to maximize F1 measure": the best threshold is
 * half of the F1 it reaches.
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
  const sorted = Float64Array.from(
    probabilities,
    (p) => Number.isNaN(p) ? 0 : p,
  ).sort().reverse();
  let total = 0;
  for (const p of sorted) total += p;
  let best = 0;
  let bestF1 = 0;
  let sum = 0;
  for (let n = 1; n <= sorted.length; n++) {
    sum += sorted[n - 1]!;
    const f1 = 2 * sum / (n + total);
    if (f1 > bestF1) {
      bestF1 = f1;
      best = n;
    }
  }
  return best;
}
