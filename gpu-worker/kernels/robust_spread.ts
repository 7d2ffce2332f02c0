import { quantile } from "./quantile.ts";

/** The middle of some values, and how far they spread above it. */
export interface RobustSpread {
  /** NaN without values. */
  readonly median: number;
  /** In units of a normal distribution's standard deviation; 0 where nothing is above the median. */
  readonly spread: number;
}

/** Where the wider of the two scales is read: a tail that more than the rest share is the values' own. */
export type Tail = keyof typeof NORMAL_TAILS;

/** Median of the absolute values of a standard normal distribution, and its quantiles. */
const NORMAL_MAD = 0.67449;
const NORMAL_TAILS = { 0.9: 1.28155, 0.95: 1.64485 } as const;

/**
 * Median and robust standard deviation of what lies above it: the median distance
 * to the median of those values that are not below it, or the distance of the
 * `tail` quantile where that is wider, both scaled to a normal distribution's.
 * What lies below does not count, so that a long tail there does not hide one
 * above. NaN counts for nothing. O(n log n).
 *
 * Source: Rosenmai (2013), the double median absolute deviation; the wider scale
 * is ours, for distributions with a heavy tail of their own.
 *
 * @param values Any numbers, (n,).
 * @param tail The quantile.
 * @returns Both.
 *
 * @example
 * ```ts
 * import { robustSpread } from "./robust_spread.ts";
 * import assert from "node:assert/strict";
 *
 * const { median, spread } = robustSpread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.95);
 * assert.equal(median, 5);
 * assert.ok(Math.abs(spread - 2.5 / 0.67449) < 1e-12);
 * ```
 */
export function robustSpread(
  values: ArrayLike<number>,
  tail: Tail,
): RobustSpread {
  const median = quantile(values, 0.5);
  const above = Float64Array.from(values, (x) => x - median)
    .filter((x) => x >= 0); // NaN fails
  if (above.length === 0) return { median, spread: 0 };
  const spread = Math.max(
    quantile(above, 0.5) / NORMAL_MAD,
    (quantile(values, tail) - median) / NORMAL_TAILS[tail],
  );
  return { median, spread };
}
