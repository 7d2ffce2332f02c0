import { robustSpread } from "./robust_spread.ts";

/**
 * How far each value lies above the median, in robust standard deviations: see
 * {@linkcode robustSpread}.
 *
 * NaN stays NaN and counts for nothing. Where more than 95 % of the
 * values are not above the median there is no spread, and all are NaN. O(n log n).
 *
 * @param values Any numbers, (n,).
 * @returns Deviations, below 0 for values below the median, (n,).
 *
 * @example
 * ```ts
 * import { robustDeviations } from "./robust_deviations.ts";
 * import assert from "node:assert/strict";
 *
 * const values = Array.from({ length: 99 }, (_, i) => i + 1);
 * const deviations = robustDeviations([...values, 1000]);
 * assert.ok(Math.abs(deviations[99]! - 25.7) < 0.1); // 949.5 above the median, in units of 37
 * ```
 */
export function robustDeviations(values: ArrayLike<number>): Float64Array {
  const { median, spread } = robustSpread(values);
  return Float64Array.from(
    values,
    (x) => spread > 0 ? (x - median) / spread : NaN,
  );
}
