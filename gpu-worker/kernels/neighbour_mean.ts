import { type ProbRows, probRows, type Probs } from "./prob_rows.ts";

/**
 * Mean of `values` over each row's neighbours, weighted by
 * `max(0, similarity) + 1e-9`.
 *
 * Places without a neighbour (-1) and neighbours whose values are NaN are left
 * out; a row without any is NaN throughout. Each row is made when it is asked for, in O(k * slots + cols), slots being what rows of `values` keep of
 * their classes.
 *
 * @param neighbours Row of each neighbour in `values`, -1 for none, (n * k,).
 * @param similarities Similarity to it, (n * k,).
 * @param k Neighbours a row.
 * @param values What to average, (m, cols).
 * @returns Means, (n, cols).
 *
 * @example
 * ```ts
 * import { neighbourRows } from "./neighbour_mean.ts";
 * import { probMatrix } from "./prob_rows.ts";
 * import assert from "node:assert/strict";
 *
 * const values = { data: Float32Array.of(1, 0, 0, 1), rows: 2, cols: 2 };
 * const mean = neighbourRows(Int32Array.of(0, 1), Float32Array.of(1, 1), 2, values);
 * assert.deepEqual(probMatrix(mean).data, Float32Array.of(0.5, 0.5));
 * ```
 */
export function neighbourRows(
  neighbours: Int32Array,
  similarities: Float32Array,
  k: number,
  values: Probs,
): ProbRows {
  const source = probRows(values);
  const { cols } = source;
  const sum = new Float64Array(cols);
  const scratch = new Float32Array(cols);
  const read = (row: number, out: Float32Array) => {
    let total = 0;
    let rest = 0;
    sum.fill(0);
    for (let j = row * k; j < (row + 1) * k; j++) {
      const neighbour = neighbours[j]!;
      if (neighbour < 0) continue;
      const weight = Math.max(0, similarities[j]!) + 1e-9;
      const added = source.addTo(neighbour, weight, sum);
      if (Number.isNaN(added)) continue;
      total += weight;
      rest += added;
    }
    for (let c = 0; c < cols; c++) out[c] = (sum[c]! + rest) / total;
  };
  return {
    rows: k > 0 ? neighbours.length / k : 0,
    cols,
    read,
    get(row, label) {
      read(row, scratch);
      return scratch[label]!;
    },
    addTo(row, weight, out) {
      read(row, scratch);
      if (Number.isNaN(scratch[0]!)) return NaN;
      for (let c = 0; c < cols; c++) out[c]! += weight * scratch[c]!;
      return 0;
    },
  };
}
