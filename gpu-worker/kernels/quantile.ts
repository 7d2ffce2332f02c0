/**
 * Quantile with linear interpolation between order statistics (type 7 of
 * Hyndman and Fan 1996, the default of numpy).
 *
 * NaN values are left out. O(n log n); copies `values`.
 *
 * @param values Numbers in any order, (n,).
 * @param q Position in [0, 1]; 0.5 is the median.
 * @returns The quantile; NaN if there is no number.
 * @throws {RangeError} If `q` is outside [0, 1].
 *
 * @example
 * ```ts
 * import { quantile } from "./quantile.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(quantile([4, 1, 2, 3], 0.5), 2.5);
 * ```
 */
export function quantile(values: ArrayLike<number>, q: number): number {
  if (!(q >= 0 && q <= 1)) {
    throw new RangeError(
      `Cannot take quantile as q must be in [0, 1]: current value is ${q}`,
    );
  }
  const sorted = Float64Array.from(values).filter((x) => !Number.isNaN(x))
    .sort();
  if (sorted.length === 0) return NaN;
  const position = q * (sorted.length - 1);
  const low = Math.floor(position);
  const below = sorted[low]!;
  const above = sorted[Math.min(low + 1, sorted.length - 1)]!;
  return below === above ? below : below + (position - low) * (above - below);
}
