/**
 * Column of the largest value in one row; the first of equals.
 *
 * @param data Row-major matrix, (n * cols,).
 * @param row Row, from 0.
 * @param cols Number of columns.
 * @param except Column to leave out; -1 for none.
 * @returns Column, or -1 if no value is a number or no column is left.
 *
 * @example
 * ```ts
 * import { rowArgmax } from "./row_argmax.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(rowArgmax(Float32Array.of(1, 4, 2), 0, 3), 1);
 * assert.equal(rowArgmax(Float32Array.of(1, 4, 2), 0, 3, 1), 2);
 * ```
 */
export function rowArgmax(
  data: ArrayLike<number>,
  row: number,
  cols: number,
  except = -1,
): number {
  const start = row * cols;
  let best = -1;
  let max = -Infinity;
  for (let j = 0; j < cols; j++) {
    const value = data[start + j]!;
    if (j !== except && (value > max || (best < 0 && value === max))) {
      max = value;
      best = j;
    }
  }
  return best;
}
