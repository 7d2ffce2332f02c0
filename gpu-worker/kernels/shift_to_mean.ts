import { sigmoid } from "./sigmoid.ts";

/** Of many values, so many are enough to begin with. */
const SAMPLE_SIZE = 2048;
const MAX_PASSES = 100;
/** What is wrong after a step of Halley's is about its cube. */
const LAST_STEP = 1e-4;
const [LEAST_SHIFT, MOST_SHIFT] = [-20, 20];

/**
 * The shift c for which the mean of `sigmoid(z + c)` is `mean`, found in
 * [-20, 20]. NaN values are left out.
 *
 * Halley's steps, or bisection where they leave the bracket, until the
 * mean is right to about 1e-12; where there are many values, begun at the shift
 * of an even sample. Some passes of O(n); allocates only that.
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
  if (!(mean > 0 && mean < 1)) {
    throw new RangeError(
      `Cannot shift log-odds as mean must be in (0, 1): current value is ${mean}`,
    );
  }
  const stride = Math.floor(z.length / SAMPLE_SIZE);
  return solve(z, 1, mean, stride > 1 ? solve(z, stride, mean, 0) : 0);
}

function solve(
  z: ArrayLike<number>,
  stride: number,
  mean: number,
  start: number,
): number {
  let [low, high] = [LEAST_SHIFT, MOST_SHIFT];
  let shift = start;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    let n = 0;
    let sum = 0;
    let slope = 0;
    let bend = 0;
    for (let i = 0; i < z.length; i += stride) {
      const p = sigmoid(z[i]! + shift);
      if (p !== p) continue;
      n++;
      sum += p;
      const steep = p * (1 - p);
      slope += steep;
      bend += steep * (1 - 2 * p);
    }
    if (n === 0) return 0;
    const over = sum - mean * n;
    if (over === 0) break;
    if (over < 0) low = shift;
    else high = shift;
    const halley = shift -
      2 * over * slope / (2 * slope * slope - over * bend);
    const isInside = halley > low && halley < high;
    const next = isInside ? halley : (low + high) / 2;
    const step = Math.abs(next - shift);
    shift = next;
    if (step < (isInside ? LAST_STEP : 1e-12)) break;
  }
  return shift;
}
