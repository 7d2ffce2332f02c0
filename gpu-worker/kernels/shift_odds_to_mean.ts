import { oddsMoments } from "./odds_moments.ts";

/** Of many values, one of so many is looked at first. */
const STRIDE = 16;
/** So many values need no other look. */
const FEW = 2048;
const MAX_PASSES = 100;
/** What is wrong after a step of Halley's is about its cube. */
const LAST_STEP = 1e-4;
const [LEAST_SHIFT, MOST_SHIFT] = [-20, 20];

/**
 * The shift c of log-odds for which the mean of `1 / (1 + odds * exp(-c))` is
 * `mean`, found in [-20, 20]. NaN values are left out.
 *
 * Halley's steps, or bisection where they leave the bracket, until the
 * mean is right to about 1e-12; where there are many values, begun at the shift
 * of every sixteenth. About two passes of O(n), without exponentials; allocates nothing.
 *
 * @param odds Odds against each, `exp(-z)` of log-odds z, in [0, Infinity], (n,).
 * @param mean Wanted mean, in (0, 1).
 * @returns The shift; 0 if there is no number in `odds`.
 * @throws {RangeError} If `mean` is outside (0, 1).
 *
 * @example
 * ```ts
 * import { shiftOddsToMean } from "./shift_odds_to_mean.ts";
 * import assert from "node:assert/strict";
 *
 * assert.ok(Math.abs(shiftOddsToMean(Float64Array.of(0.25), 0.5) + Math.log(4)) < 1e-9);
 * ```
 */
export function shiftOddsToMean(odds: Float64Array, mean: number): number {
  if (!(mean > 0 && mean < 1)) {
    throw new RangeError(
      `Cannot shift log-odds as mean must be in (0, 1): current value is ${mean}`,
    );
  }
  return solve(odds, 1, mean);
}

function solve(odds: Float64Array, stride: number, mean: number): number {
  const isMany = odds.length / stride > FEW;
  let shift = isMany ? solve(odds, stride * STRIDE, mean) : 0;
  let [low, high] = [LEAST_SHIFT, MOST_SHIFT];
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const at = oddsMoments(odds, Math.exp(-shift), stride);
    if (at.n === 0) return 0;
    const over = at.mean - mean;
    if (over === 0) break;
    if (over < 0) low = shift;
    else high = shift;
    const halley = shift -
      2 * over * at.slope / (2 * at.slope ** 2 - over * at.bend);
    const isInside = halley > low && halley < high;
    const next = isInside ? halley : (low + high) / 2;
    const step = Math.abs(next - shift);
    shift = next;
    if (step < (isInside ? LAST_STEP : 1e-12)) break;
  }
  return shift;
}
