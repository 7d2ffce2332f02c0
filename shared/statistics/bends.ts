/** How far a curve of log-odds may bend at a knot: deviations of its priors, each as likely as the others before outcomes are seen. */
export const BENDS: readonly number[] = [0.1, 0.3, 0.6, 1];
/** Curves are drawn so much wider than outcomes and priors make them known: with it 90 % intervals hold 90 % on runs of real, crowd and structured noise. */
export const SPREAD = 1.1;

/**
 * Weights of the knots of a bent line at a place: linear between two knots, those of the last knot beyond it; they sum to 1.
 *
 * @param x The place.
 * @param knots Ascending, no two alike.
 * @returns One weight a knot, at most two of them not 0.
 *
 * @example
 * ```ts
 * import { bendWeights } from "./bends.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(bendWeights(2.5, [0, 2, 4]), [0, 0.75, 0.25]);
 * ```
 */
export function bendWeights(x: number, knots: readonly number[]): number[] {
  const last = knots.length - 1;
  return knots.map((knot, k) => {
    if (x <= knot) {
      if (k === 0) return 1;
      const below = knots[k - 1]!;
      return Math.max(0, (x - below) / (knot - below));
    }
    if (k === last) return 1;
    const above = knots[k + 1]!;
    return Math.max(0, (above - x) / (above - knot));
  });
}

/**
 * A bent line at a place: linear between two knots, flat beyond them.
 *
 * @param x The place.
 * @param knots Ascending, no two alike.
 * @param values At the knots, (knots.length,).
 * @returns Its value; 0 without knots, NaN where the place is.
 *
 * @example
 * ```ts
 * import { bendOf } from "./bends.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(bendOf(2.5, [0, 2, 4], [0, 8, 16]), 10);
 * ```
 */
export function bendOf(
  x: number,
  knots: readonly number[],
  values: ArrayLike<number>,
): number {
  if (Number.isNaN(x)) return NaN;
  const last = knots.length - 1;
  if (last < 0) return 0;
  let next = 0;
  while (next <= last && knots[next]! < x) next++;
  if (next === 0) return values[0]!;
  if (next > last) return values[last]!;
  const [low, high] = [knots[next - 1]!, knots[next]!];
  const share = (x - low) / (high - low);
  return (1 - share) * values[next - 1]! + share * values[next]!;
}
