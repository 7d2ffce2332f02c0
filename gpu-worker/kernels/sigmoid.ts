/**
 * Logistic function `1 / (1 + exp(-x))`, in [0, 1]. NaN gives NaN.
 *
 * @param x Log-odds.
 * @returns Probability.
 *
 * @example
 * ```ts
 * import { sigmoid } from "./sigmoid.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(sigmoid(0), 0.5);
 * ```
 */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
