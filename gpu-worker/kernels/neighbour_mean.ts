import type { Matrix } from "./matrix.ts";

/**
 * Mean of `values` over each row's neighbours, weighted by
 * `max(0, similarity) + 1e-9`.
 *
 * Places without a neighbour (-1) and neighbours whose values are NaN are left
 * out; a row without any is NaN throughout. O(n * k * cols).
 *
 * @param neighbours Row of each neighbour in `values`, -1 for none, (n * k,).
 * @param similarities Similarity to it, (n * k,).
 * @param k Neighbours a row.
 * @param values What to average, (m, cols).
 * @returns Means, (n, cols).
 *
 * @example
 * ```ts
 * import { neighbourMean } from "./neighbour_mean.ts";
 * import assert from "node:assert/strict";
 *
 * const values = { data: Float32Array.of(1, 0, 0, 1), rows: 2, cols: 2 };
 * const mean = neighbourMean(Int32Array.of(0, 1), Float32Array.of(1, 1), 2, values);
 * assert.deepEqual(mean.data, Float32Array.of(0.5, 0.5));
 * ```
 */
export function neighbourMean(
  neighbours: Int32Array,
  similarities: Float32Array,
  k: number,
  values: Matrix,
): Matrix {
  const { data, cols } = values;
  const rows = k > 0 ? neighbours.length / k : 0;
  const out = new Float32Array(rows * cols);
  const sum = new Float64Array(cols);
  for (let i = 0; i < rows; i++) {
    let total = 0;
    sum.fill(0);
    for (let j = i * k; j < (i + 1) * k; j++) {
      const start = neighbours[j]! * cols;
      if (start < 0 || Number.isNaN(data[start]!)) continue;
      const weight = Math.max(0, similarities[j]!) + 1e-9;
      total += weight;
      for (let c = 0; c < cols; c++) sum[c]! += weight * data[start + c]!;
    }
    for (let c = 0; c < cols; c++) out[i * cols + c] = sum[c]! / total;
  }
  return { data: out, rows, cols };
}
