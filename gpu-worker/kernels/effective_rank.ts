import type { Matrix } from "./matrix.ts";
import { symmetricEigen } from "./symmetric_eigen.ts";

/**
 * How many dimensions points really use: the exponential of the entropy of their covariance's eigenvalues.
 *
 * Between 1, all on a line, and the width. Rows with a value that is not finite are left out. O(n * width^2 + width^3).
 *
 * Source: Roy and Vetterli (2007), on variances.
 *
 * @param points Points, (n, width).
 * @returns The rank; NaN where fewer than two points differ.
 *
 * @example
 * ```ts
 * import { effectiveRank } from "./effective_rank.ts";
 * import assert from "node:assert/strict";
 *
 * const cross = { data: Float32Array.of(1, 0, -1, 0, 0, 1, 0, -1), rows: 4, cols: 2 };
 * assert.ok(Math.abs(effectiveRank(cross) - 2) < 1e-9);
 * ```
 */
export function effectiveRank({ data, rows, cols }: Matrix): number {
  const usable = Int32Array.from({ length: rows }, (_, i) => i).filter((i) =>
    data.subarray(i * cols, (i + 1) * cols).every(Number.isFinite)
  );
  const mean = new Float64Array(cols);
  for (const i of usable) {
    for (let j = 0; j < cols; j++) mean[j]! += data[i * cols + j]!;
  }
  for (let j = 0; j < cols; j++) mean[j]! /= usable.length;
  const covariance = new Float64Array(cols * cols);
  const row = new Float64Array(cols);
  for (const i of usable) {
    for (let j = 0; j < cols; j++) row[j] = data[i * cols + j]! - mean[j]!;
    for (let a = 0; a < cols; a++) {
      const own = row[a]!;
      for (let b = 0; b <= a; b++) covariance[a * cols + b]! += own * row[b]!;
    }
  }
  if (usable.length < 2) return NaN;
  const values = symmetricEigen(covariance, cols).values
    .map((x) => Math.max(0, x));
  const total = values.reduce((a, b) => a + b, 0);
  if (!(total > 0)) return NaN;
  return Math.exp(values.reduce((sum, x) => {
    const share = x / total;
    return share > 0 ? sum - share * Math.log(share) : sum;
  }, 0));
}
