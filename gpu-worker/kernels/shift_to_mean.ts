import { sigmoid } from "./sigmoid.ts";

/**
 * The shift c for which the mean of `sigmoid(z + c)` is `mean`, found by
 * bisection in [-20, 20] to 4e-17. NaN values are left out.
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
  const known = Float64Array.from(z).filter((x) => !Number.isNaN(x));
  if (known.length === 0) return 0;
  let low = -20;
  let high = 20;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    let sum = 0;
    for (const x of known) sum += sigmoid(x + middle);
    if (sum < mean * known.length) low = middle;
    else high = middle;
  }
  return low;
}
