/**
 * What to flag: those more probable than the threshold that maximises the
 * expected F1 of flagging the n most probable, `2 * sum_top_n(P) / (n + sum(P))`.
 *
 * NaN is never above it. Of equal maxima the one that flags fewest. Nothing is
 * sorted: those above half of the F1 that was reached so far are counted, until
 * they are the same; a few passes of O(n).
 *
 * Source: the plug-in form of Lipton, Elkan and Naryanaswamy (2014), "Optimal
 * thresholding of classifiers to maximize F1 measure": the best threshold is
 * half of the F1 it reaches.
 *
 * @param probabilities Probability of each sample to be positive, (n,).
 * @returns Threshold in [0, 0.5]; 0 only if no probability is above 0.
 *
 * @example
 * ```ts
 * import { expectedF1Threshold } from "./expected_f1_threshold.ts";
 * import assert from "node:assert/strict";
 *
 * const threshold = expectedF1Threshold([0.1, 0.9, 0.8, 0]);
 * assert.ok(threshold > 0.1 && threshold < 0.5);
 * ```
 */
export function expectedF1Threshold(probabilities: ArrayLike<number>): number {
  const n = probabilities.length;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const p = probabilities[i]!;
    if (p > 0) total += p; // NaN fails
  }
  let threshold = 0;
  let count = -1;
  for (;;) {
    let above = 0;
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const p = probabilities[i]!;
      if (p > threshold) {
        above++;
        sum += p;
      }
    }
    if (above === count || above === 0) return threshold;
    count = above;
    threshold = Math.max(threshold, sum / (above + total)); // half of the F1
  }
}
