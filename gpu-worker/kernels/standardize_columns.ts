import type { Matrix } from "./matrix.ts";

/**
 * Columns with mean 0 and standard deviation 1.
 *
 * Mean and deviation are over the rows without a non-finite value; those rows
 * are NaN throughout. A constant column is 0. O(rows * cols); allocates only
 * the result.
 *
 * @param values Any numbers, (n, d).
 * @returns Standardised values, (n, d).
 *
 * @example
 * ```ts
 * import { standardizeColumns } from "./standardize_columns.ts";
 * import assert from "node:assert/strict";
 *
 * const values = { data: Float32Array.of(1, 3), rows: 2, cols: 1 };
 * assert.deepEqual(standardizeColumns(values).data, Float32Array.of(-1, 1));
 * ```
 */
export function standardizeColumns(values: Matrix): Matrix {
  const { data, rows, cols } = values;
  const out = new Float32Array(data.length);
  const sum = new Float64Array(cols);
  const squares = new Float64Array(cols);
  const isFiniteRow = Uint8Array.from(
    { length: rows },
    (_, i) =>
      data.subarray(i * cols, (i + 1) * cols).every(Number.isFinite) ? 1 : 0,
  );
  let n = 0;
  for (let i = 0; i < rows; i++) {
    if (!isFiniteRow[i]) continue;
    n++;
    for (let j = 0; j < cols; j++) sum[j]! += data[i * cols + j]!;
  }
  const mean = sum.map((x) => x / n);
  for (let i = 0; i < rows; i++) {
    if (!isFiniteRow[i]) continue;
    for (let j = 0; j < cols; j++) {
      squares[j]! += (data[i * cols + j]! - mean[j]!) ** 2;
    }
  }
  const scale = squares.map((x, j) => {
    const deviation = Math.sqrt(x / n);
    // rounding of a constant column is not spread
    return deviation > 1e-7 * Math.abs(mean[j]!) ? 1 / deviation : 0;
  });
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      out[i * cols + j] = isFiniteRow[i]
        ? (data[i * cols + j]! - mean[j]!) * scale[j]!
        : NaN;
    }
  }
  return { data: out, rows, cols };
}
