import { quantile } from "../kernels/quantile.ts";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { sigmoid } from "../kernels/sigmoid.ts";

/** A number of wrong labels, with a 90 % interval. */
export interface ErrorCount {
  /** Labels that are counted among. */
  readonly n: number;
  /** Expected wrong ones. */
  readonly mean: number;
  /** 5 % quantile. */
  readonly low: number;
  /** 95 % quantile. */
  readonly high: number;
}

/** Curves drawn. */
const DRAWS = 300;
/** Rows that each curve is asked about; more are represented by these. */
const MOST_ROWS = 10_000;

/**
 * How many labels are wrong among some: the sum of their probabilities, and what curves that could as well be right say, each with the chance
 * that is left when the curve is known (normal).
 *
 * Of more than 10,000 rows every so-manieth is asked, and stands for as many as make up the sum of all. Seeded. O(rows) and 300 times O(min(rows, 10,000)).
 *
 * @param rows Rows with log-odds, in any order that follows no period.
 * @param logOdds Log-odds that the given label is wrong, (n,).
 * @param draw Gives a curve: log-odds of any row.
 * @param nConfirmed Wrong labels that people confirmed beside these rows.
 * @param nReviewed Labels that people judged beside these rows.
 * @returns The number, with its 5 % and 95 % quantiles.
 *
 * @example
 * ```ts
 * import { errorCount } from "./error_count.ts";
 * import assert from "node:assert/strict";
 *
 * const { mean } = errorCount(Int32Array.of(0, 1), Float64Array.of(0, 0), () => () => 0);
 * assert.equal(mean, 1);
 * ```
 */
export function errorCount(
  rows: Int32Array,
  logOdds: Float64Array,
  draw: (normal: () => number) => (row: number) => number,
  nConfirmed = 0,
  nReviewed = 0,
): ErrorCount {
  const expected = rows.reduce((sum, row) => sum + sigmoid(logOdds[row]!), 0);
  const step = Math.max(1, rows.length / MOST_ROWS);
  const asked = Math.ceil(rows.length / step);
  let own = 0;
  for (let i = 0; i < asked; i++) {
    own += sigmoid(logOdds[rows[Math.floor(i * step)]!]!);
  }
  const scale = own > 0 ? expected / own : 0;
  const normal = seededNormal(0);
  const totals = Float64Array.from({ length: DRAWS }, () => {
    const curve = draw(normal);
    let [sum, variance] = [0, 0];
    for (let i = 0; i < asked; i++) {
      const p = sigmoid(curve(rows[Math.floor(i * step)]!));
      sum += p;
      variance += p * (1 - p);
    }
    const total = scale * sum + Math.sqrt(scale * variance) * normal();
    return nConfirmed + Math.max(0, Math.min(rows.length, total));
  }).sort();
  return {
    n: rows.length + nReviewed,
    mean: nConfirmed + expected,
    low: quantile(totals, 0.05),
    high: quantile(totals, 0.95),
  };
}
