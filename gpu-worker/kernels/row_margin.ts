/**
 * Margin of one row: the value of `label` less the best other,
 * `x[label] - max_{k != label} x[k]`.
 *
 * Low means that another class is ahead. With one class the rival counts as 0.
 * A row that holds NaN gives NaN.
 *
 * @param data Row-major matrix, (n * cols,): probabilities, logits or logarithms.
 * @param row Row, from 0.
 * @param cols Number of columns.
 * @param label Column in 0..cols-1.
 * @returns The margin.
 *
 * @example
 * ```ts
 * import { rowMargin } from "./row_margin.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(rowMargin(Float32Array.of(0.25, 0.5, 0.25), 0, 3, 1), 0.25);
 * ```
 */
export function rowMargin(
  data: ArrayLike<number>,
  row: number,
  cols: number,
  label: number,
): number {
  const start = row * cols;
  if (cols === 1) return data[start]!;
  let rival = -Infinity;
  for (let j = 0; j < cols; j++) {
    if (j !== label) rival = Math.max(rival, data[start + j]!); // max() keeps NaN
  }
  return data[start + label]! - rival;
}
