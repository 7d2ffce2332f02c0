import { quantile } from "./quantile.ts";

/** Median of the absolute values of a standard normal distribution, and its 95 % quantile. */
const NORMAL_MAD = 0.67449;
const NORMAL_TAIL = 1.64485;
/** A tail that more than a twentieth of the values share is their own. */
const TAIL = 0.95;

/**
 * How far each value lies above the median, in robust standard deviations: the
 * median distance to the median of those values that are not below it, or the
 * distance of the 95 % quantile where that is wider, both scaled to a normal
 * distribution's. What lies below does not count, so that a long tail there does
 * not hide one above.
 *
 * NaN stays NaN and counts for nothing. Where more than 95 % of the
 * values are not above the median there is no spread, and all are NaN. O(n log n).
 *
 * Source: Rosenmai (2013), the double median absolute deviation; the wider scale
 * is ours, for distributions with a heavy tail of their own.
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
  const median = quantile(values, 0.5);
  const above = Float64Array.from(values, (x) => x - median)
    .filter((x) => x >= 0); // NaN fails
  const scale = Math.max(
    quantile(above, 0.5) / NORMAL_MAD,
    (quantile(values, TAIL) - median) / NORMAL_TAIL,
  );
  return Float64Array.from(
    values,
    (x) => scale > 0 ? (x - median) / scale : NaN,
  );
}
