/** A sparse matrix, row by row (CSR). */
export interface SparseMatrix {
  /** Number of rows. */
  readonly rows: number;
  /** Number of columns. */
  readonly cols: number;
  /** Where each row starts in `columns` and `values`, and where the last one ends, (rows + 1,). */
  readonly starts: Int32Array;
  /** Column of each value, each once a row, (n_values,). */
  readonly columns: Int32Array;
  /** Values, (n_values,). */
  readonly values: Float32Array;
}

/**
 * Columns as rows. O(n_values + rows + cols).
 *
 * @param matrix (rows, cols).
 * @returns (cols, rows), columns rising in each row.
 *
 * @example
 * ```ts
 * import { transposed } from "./sparse_matrix.ts";
 * import assert from "node:assert/strict";
 *
 * const { starts, columns } = transposed({
 *   rows: 2,
 *   cols: 3,
 *   starts: Int32Array.of(0, 1, 3),
 *   columns: Int32Array.of(2, 0, 2),
 *   values: Float32Array.of(5, 6, 7),
 * });
 * assert.deepEqual(starts, Int32Array.of(0, 1, 1, 3));
 * assert.deepEqual(columns, Int32Array.of(1, 0, 1));
 * ```
 */
export function transposed(matrix: SparseMatrix): SparseMatrix {
  const { rows, cols } = matrix;
  const starts = new Int32Array(cols + 1);
  for (const column of matrix.columns) starts[column + 1]!++;
  for (let i = 0; i < cols; i++) starts[i + 1]! += starts[i]!;
  const next = starts.slice();
  const columns = new Int32Array(matrix.columns.length);
  const values = new Float32Array(columns.length);
  for (let row = 0; row < rows; row++) {
    for (let i = matrix.starts[row]!; i < matrix.starts[row + 1]!; i++) {
      const to = next[matrix.columns[i]!]!++;
      columns[to] = row;
      values[to] = matrix.values[i]!;
    }
  }
  return { rows: cols, cols: rows, starts, columns, values };
}

/**
 * Some rows of a matrix.
 *
 * @param matrix (rows, cols).
 * @param which Rows, in the order they are wanted, (n,).
 * @returns (n, cols).
 *
 * @example
 * ```ts
 * import { someRows } from "./sparse_matrix.ts";
 * import assert from "node:assert/strict";
 *
 * const { starts, values } = someRows({
 *   rows: 2,
 *   cols: 3,
 *   starts: Int32Array.of(0, 1, 3),
 *   columns: Int32Array.of(2, 0, 2),
 *   values: Float32Array.of(5, 6, 7),
 * }, [1]);
 * assert.deepEqual(starts, Int32Array.of(0, 2));
 * assert.deepEqual(values, Float32Array.of(6, 7));
 * ```
 */
export function someRows(
  matrix: SparseMatrix,
  which: ArrayLike<number>,
): SparseMatrix {
  const starts = new Int32Array(which.length + 1);
  for (let i = 0; i < which.length; i++) {
    const row = which[i]!;
    starts[i + 1] = starts[i]! + matrix.starts[row + 1]! - matrix.starts[row]!;
  }
  const columns = new Int32Array(starts.at(-1)!);
  const values = new Float32Array(columns.length);
  for (let i = 0; i < which.length; i++) {
    const from = matrix.starts[which[i]!]!;
    const to = matrix.starts[which[i]! + 1]!;
    columns.set(matrix.columns.subarray(from, to), starts[i]!);
    values.set(matrix.values.subarray(from, to), starts[i]!);
  }
  return { rows: which.length, cols: matrix.cols, starts, columns, values };
}

/**
 * `to = matrix * dense`. O(n_values * width): 1 ns each.
 *
 * @param matrix (rows, cols).
 * @param dense (cols, width).
 * @param to Written, (last - first, width).
 * @param width Columns of `dense` and of `to`.
 * @param first First row to multiply; default 0.
 * @param last Row after the last one; default `rows`.
 *
 * @example
 * ```ts
 * import { multiplySparse } from "./sparse_matrix.ts";
 * import assert from "node:assert/strict";
 *
 * const row = {
 *   rows: 1,
 *   cols: 2,
 *   starts: Int32Array.of(0, 2),
 *   columns: Int32Array.of(0, 1),
 *   values: Float32Array.of(2, 3),
 * };
 * const to = new Float64Array(1);
 * multiplySparse(row, Float64Array.of(10, 1), to, 1);
 * assert.equal(to[0], 23);
 * ```
 */
export function multiplySparse(
  { rows, starts, columns, values }: SparseMatrix,
  dense: Float64Array,
  to: Float64Array,
  width: number,
  first = 0,
  last: number = rows,
): void {
  for (let row = first; row < last; row++) {
    const start = (row - first) * width;
    const sum = to.subarray(start, start + width).fill(0);
    const end = starts[row + 1]!;
    let i = starts[row]!;
    for (; i + 4 <= end; i += 4) { // four at a time: half the time
      const v0 = values[i]!;
      const v1 = values[i + 1]!;
      const v2 = values[i + 2]!;
      const v3 = values[i + 3]!;
      const a = columns[i]! * width;
      const b = columns[i + 1]! * width;
      const c = columns[i + 2]! * width;
      const d = columns[i + 3]! * width;
      for (let j = 0; j < width; j++) {
        sum[j]! += v0 * dense[a + j]! + v1 * dense[b + j]! +
          v2 * dense[c + j]! + v3 * dense[d + j]!;
      }
    }
    for (; i < end; i++) {
      const value = values[i]!;
      const from = columns[i]! * width;
      for (let j = 0; j < width; j++) sum[j]! += value * dense[from + j]!;
    }
  }
}
