import { quantile } from "./quantile.ts";

/** Median of the absolute values of a standard normal distribution. */
const NORMAL_MAD = 0.67449;

/**
 * How far each value lies above the median, in robust standard deviations: the
 * median distance to the median of those values that are not below it, scaled
 * to a normal distribution's. What lies below does not count, so that a long
 * tail there does not hide one above.
 *
 * NaN stays NaN and counts for nothing. Where more than half of the upper
 * values equal the median there is no spread, and all are NaN. O(n log n).
 *
 * Source: Rosenmai (2013), the double median absolute deviation.
 *
 * @param values Any numbers, (n,).
 * @returns Deviations, below 0 for values below the median, (n,).
 *
 * @example
 * ```ts
 * import { robustDeviations } from "./robust_deviations.ts";
 * import assert from "node:assert/strict";
 *
 * const deviations = robustDeviations([1, 2, 3, 4, 9]);
 * assert.equal(deviations[4], 6 * 0.67449); // 6 above the median, in units of 1 / .67
 * ```
 */
export function robustDeviations(values: ArrayLike<number>): Float64Array {
  const median = quantile(values, 0.5);
  const above = Float64Array.from(values, (x) => x - median)
    .filter((x) => x >= 0); // NaN fails
  const scale = quantile(above, 0.5) / NORMAL_MAD;
  return Float64Array.from(
    values,
    (x) => scale > 0 ? (x - median) / scale : NaN,
  );
}
