/** What {@linkcode oddsMoments} says of probabilities p. */
export interface OddsMoments {
  /** How many are numbers. */
  readonly n: number;
  /** Mean of p; NaN of none. */
  readonly mean: number;
  /** Mean of `p (1 - p)`, the mean's slope by the log-odds: in [0, 1/4]; NaN of none. */
  readonly slope: number;
  /** Mean of `p (1 - p) (1 - 2 p)`, the slope's slope; NaN of none. */
  readonly bend: number;
}

/**
 * Means over the probabilities `p = 1 / (1 + odds * factor)`. NaN is left out.
 *
 * O(n / stride), without exponentials; allocates nothing.
 *
 * @param odds Odds against each, `exp(-z)` of log-odds z, in [0, Infinity], (n,).
 * @param factor What all are multiplied by, above 0: `exp(-c)` shifts log-odds by c.
 * @param stride Looks at one of so many, from the first.
 * @returns The means.
 *
 * @example
 * ```ts
 * import { oddsMoments } from "./odds_moments.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(oddsMoments(Float64Array.of(1, 1)), { n: 2, mean: 0.5, slope: 0.25, bend: 0 });
 * ```
 */
export function oddsMoments(
  odds: Float64Array,
  factor = 1,
  stride = 1,
): OddsMoments {
  let n = 0;
  let sum = 0;
  let squares = 0;
  let cubes = 0;
  for (let i = 0; i < odds.length; i += stride) {
    const p = 1 / (1 + odds[i]! * factor);
    if (p !== p) continue;
    const square = p * p;
    n++;
    sum += p;
    squares += square;
    cubes += square * p;
  }
  return {
    n,
    mean: sum / n,
    slope: (sum - squares) / n,
    bend: (sum - 3 * squares + 2 * cubes) / n,
  };
}
