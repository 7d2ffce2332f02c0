/** Of many values, one of so many is looked at first. */
const STRIDE = 64;
/** So many values need no other look. */
const FEW = 4096;

/**
 * What to flag: those more probable than the threshold that maximises the
 * expected F1 of flagging the n most probable, `2 * sum_top_n(P) / (n + sum(P))`.
 *
 * NaN is never above it. Of equal maxima the one that flags fewest. Nothing is
 * sorted: those above half of the F1 that was reached so far are counted, until
 * they are the same, where there are many begun at what suits every 64th; a few passes of O(n).
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
  return best(probabilities, 1);
}

function best(probabilities: ArrayLike<number>, stride: number): number {
  const isMany = probabilities.length / stride > FEW;
  let threshold = isMany ? best(probabilities, stride * STRIDE) : 0;
  let count = -1;
  for (;;) {
    let total = 0;
    let above = 0;
    let sum = 0;
    for (let i = 0; i < probabilities.length; i += stride) {
      const p = probabilities[i]!;
      if (p > 0) total += p; // NaN fails
      if (p > threshold) {
        above++;
        sum += p;
      }
    }
    if (above === count || above === 0) return threshold;
    // Half of an F1 is at most the best threshold, whatever was begun at.
    const half = sum / (above + total);
    threshold = count < 0 ? half : Math.max(threshold, half);
    count = above;
  }
}
