import type { Matrix } from "../kernels/matrix.ts";
import { quantile } from "../kernels/quantile.ts";

/** Median of each column over some rows, which one far value does not move, (d,). */
export function medianRow(
  { data, cols }: Matrix,
  rows: readonly number[],
): Float64Array {
  return Float64Array.from(
    { length: cols },
    (_, j) => quantile(rows.map((row) => data[row * cols + j]!), 0.5),
  );
}

/** Rows less a centre, (m, d). */
export function centredRows(
  { data, cols }: Matrix,
  rows: readonly number[],
  centre: Float64Array,
): Float32Array {
  const out = new Float32Array(rows.length * cols);
  rows.forEach((row, i) => {
    for (let j = 0; j < cols; j++) {
      out[i * cols + j] = data[row * cols + j]! - centre[j]!;
    }
  });
  return out;
}

/** Of each row x and the centre c: `|x - c|^2` and `(x - c) c`, (n,) each. */
export function centredSums(
  { data, rows, cols }: Matrix,
  centre: Float64Array,
): { readonly squares: Float64Array; readonly along: Float64Array } {
  const squares = new Float64Array(rows);
  const along = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < cols; j++) {
      const x = data[row * cols + j]! - centre[j]!;
      squares[row]! += x * x;
      along[row]! += x * centre[j]!;
    }
  }
  return { squares, along };
}
