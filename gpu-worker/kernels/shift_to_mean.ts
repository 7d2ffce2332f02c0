import { shiftOddsToMean } from "./shift_odds_to_mean.ts";

/**
 * The shift c for which the mean of `sigmoid(z + c)` is `mean`, found in
 * [-20, 20]. NaN values are left out.
 *
 * Method and precision: {@linkcode shiftOddsToMean}, of `exp(-z)`; O(n).
 *
 * @param z Log-odds, (n,).
 * @param mean Wanted mean, in (0, 1).
 * @returns The shift; 0 if there is no number in `z`.
 * @throws {RangeError} If `mean` is outside (0, 1).
 *
 * @example
 * ```ts
 * import { shiftToMean } from "./shift_to_mean.ts";
 * import assert from "node:assert/strict";
 *
 * assert.ok(Math.abs(shiftToMean([3, 3], 0.5) + 3) < 1e-9);
 * ```
 */
export function shiftToMean(z: ArrayLike<number>, mean: number): number {
  const odds = new Float64Array(z.length);
  for (let i = 0; i < odds.length; i++) odds[i] = Math.exp(-z[i]!);
  return shiftOddsToMean(odds, mean);
}
