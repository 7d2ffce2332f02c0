import { quantile } from "./quantile.ts";

/** The middle of some values, and how far they spread above it. */
export interface RobustSpread {
  /** NaN without values. */
  readonly median: number;
  /** In units of a normal distribution's standard deviation; 0 where nothing is above the median. */
  readonly spread: number;
}

/** Median of the absolute values of a standard normal distribution, and its 95 % quantile. */
const NORMAL_MAD = 0.67449;
const NORMAL_TAIL = 1.64485;
/** A tail that more than a twentieth of the values share is their own. */
const TAIL = 0.95;

/**
 * Median and robust standard deviation of what lies above it: the median distance
 * to the median of those values that are not below it, or the distance of the
 * 95 % quantile where that is wider, both scaled to a normal distribution's.
 * What lies below does not count, so that a long tail there does not hide one
 * above. NaN counts for nothing. O(n log n).
 *
 * Source: Rosenmai (2013), the double median absolute deviation; the wider scale
 * is ours, for distributions with a heavy tail of their own.
 *
 * @param values Any numbers, (n,).
 * @returns Both.
 *
 * @example
 * ```ts
 * import { robustSpread } from "./robust_spread.ts";
 * import assert from "node:assert/strict";
 *
 * const { median, spread } = robustSpread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
 * assert.equal(median, 5);
 * assert.ok(Math.abs(spread - 2.5 / 0.67449) < 1e-12);
 * ```
 */
export function robustSpread(values: ArrayLike<number>): RobustSpread {
  const median = quantile(values, 0.5);
  const above = Float64Array.from(values, (x) => x - median)
    .filter((x) => x >= 0); // NaN fails
  if (above.length === 0) return { median, spread: 0 };
  const spread = Math.max(
    quantile(above, 0.5) / NORMAL_MAD,
    (quantile(values, TAIL) - median) / NORMAL_TAIL,
  );
  return { median, spread };
}
