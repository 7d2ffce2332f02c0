import type { Matrix } from "../kernels/matrix.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { symmetricEigen } from "../kernels/symmetric_eigen.ts";
import type { SparseMatrix } from "./sparse_matrix.ts";

/** How close to the exact decomposition. */
export interface SvdOptions {
  /** Dimensions kept at most; default 256. */
  readonly rank?: number;
  /** Dimensions searched beyond them; default 10. */
  readonly oversampling?: number;
  /** Passes that sharpen the range, two products each; default 3. */
  readonly powerIterations?: number;
  /** Seed of the random start; default 0. */
  readonly seed?: number;
  /** Called between passes; what it throws ends the work. */
  readonly onPass?: (fraction: number) => void;
}

/** Rows in the space of the largest singular values. */
export interface TruncatedSvd {
  /** `U S`, columns by falling singular value, their signs free, (rows, k). */
  readonly projected: Matrix;
  /** Singular values, falling, (k,). */
  readonly singularValues: Float64Array;
}

/** Smaller ones, as a share of the largest, are rounding. */
const LEAST_SINGULAR_VALUE = 1e-5;
/** Of a column that depends on those before it, this much of its square is left at most. */
const DEPENDENT = 1e-11;

/**
 * Rows of a sparse matrix in the space of its largest singular values, not centred.
 *
 * Randomised range finder with power iterations, orthonormalised by Cholesky after each. Deterministic for a seed. k is at most `rank`, the
 * matrix' sides, and its numerical rank. O((2 passes + 2) * n_values * k + (rows + k) * k^2); holds 16 (rows + cols) k bytes.
 *
 * Source: Halko, Martinsson and Tropp (2011), SIAM Review 53(2), algorithms 4.4 and 5.1.
 *
 * @param matrix (rows, cols).
 * @param options How close.
 *
 * @example
 * ```ts
 * import { truncatedSvd } from "./truncated_svd.ts";
 * import assert from "node:assert/strict";
 *
 * const { singularValues } = truncatedSvd({
 *   rows: 2,
 *   cols: 3,
 *   starts: Int32Array.of(0, 1, 2),
 *   columns: Int32Array.of(2, 0),
 *   values: Float32Array.of(3, 2),
 * });
 * assert.deepEqual(Array.from(singularValues, Math.fround), [3, 2]);
 * ```
 */
export function truncatedSvd(
  matrix: SparseMatrix,
  {
    rank = 256,
    oversampling = 10,
    powerIterations = 3,
    seed = 0,
    onPass = () => {},
  }: SvdOptions = {},
): TruncatedSvd {
  const width = Math.min(rank + oversampling, matrix.rows, matrix.cols);
  const tall = new Float64Array(matrix.rows * width); // (rows, width)
  const wide = gaussian(matrix.cols * width, seed); // (cols, width)
  multiply(matrix, wide, tall, width);
  for (let pass = 0; pass < powerIterations; pass++) {
    onPass((pass + 1) / (powerIterations + 2));
    orthonormalize(tall, width);
    multiplyTransposed(matrix, tall, wide, width);
    multiply(matrix, wide, tall, width);
  }
  onPass((powerIterations + 1) / (powerIterations + 2));
  orthonormalize(tall, width);
  multiplyTransposed(matrix, tall, wide, width);
  const image = new Float64Array(tall.length); // A A' Q
  multiply(matrix, wide, image, width);
  const { values, vectors } = symmetricEigen(
    productOf(tall, image, width),
    width,
  );
  const largest = Math.sqrt(Math.max(0, values[0] ?? 0));
  const singularValues = Float64Array.from(
    values,
    (v) => Math.sqrt(Math.max(0, v)),
  )
    .slice(0, rank).filter((s) => s > LEAST_SINGULAR_VALUE * largest);
  const k = singularValues.length;
  const projected = new Float32Array(matrix.rows * k);
  for (let row = 0; row < matrix.rows; row++) {
    for (let d = 0; d < k; d++) {
      let sum = 0;
      for (let j = 0; j < width; j++) {
        sum += tall[row * width + j]! * vectors[d * width + j]!;
      }
      projected[row * k + d] = sum * singularValues[d]!;
    }
  }
  return {
    projected: { data: projected, rows: matrix.rows, cols: k },
    singularValues,
  };
}

/** `to = matrix * dense`, (rows, width). */
function multiply(
  { rows, starts, columns, values }: SparseMatrix,
  dense: Float64Array,
  to: Float64Array,
  width: number,
): void {
  to.fill(0);
  for (let row = 0; row < rows; row++) {
    const base = row * width;
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      const value = values[i]!;
      const from = columns[i]! * width;
      for (let j = 0; j < width; j++) to[base + j]! += value * dense[from + j]!;
    }
  }
}

/** `to = matrix' * dense`, (cols, width). */
function multiplyTransposed(
  { rows, starts, columns, values }: SparseMatrix,
  dense: Float64Array,
  to: Float64Array,
  width: number,
): void {
  to.fill(0);
  for (let row = 0; row < rows; row++) {
    const from = row * width;
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      const value = values[i]!;
      const base = columns[i]! * width;
      for (let j = 0; j < width; j++) to[base + j]! += value * dense[from + j]!;
    }
  }
}

/** `a' * b`, which must be symmetric, (width, width). */
function productOf(
  a: Float64Array,
  b: Float64Array,
  width: number,
): Float64Array {
  const product = new Float64Array(width * width);
  for (let start = 0; start < a.length; start += width) {
    for (let i = 0; i < width; i++) {
      const value = a[start + i]!;
      if (value === 0) continue;
      const base = i * width;
      for (let j = i; j < width; j++) {
        product[base + j]! += value * b[start + j]!;
      }
    }
  }
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < i; j++) {
      product[i * width + j] = product[j * width + i]!;
    }
  }
  return product;
}

/** Makes the columns orthonormal; one that depends on those before it becomes 0. */
function orthonormalize(dense: Float64Array, width: number): void {
  const upper = productOf(dense, dense, width); // becomes R of R' R
  for (let i = 0; i < width; i++) {
    const before = upper[i * width + i]!;
    for (let k = 0; k < i; k++) {
      const factor = upper[k * width + i]!;
      if (factor === 0) continue;
      for (let j = i; j < width; j++) {
        upper[i * width + j]! -= factor * upper[k * width + j]!;
      }
    }
    const left = upper[i * width + i]!;
    const scale = left > DEPENDENT * before ? 1 / Math.sqrt(left) : 0;
    for (let j = i; j < width; j++) upper[i * width + j]! *= scale;
  }
  for (let start = 0; start < dense.length; start += width) {
    for (let i = 0; i < width; i++) {
      const pivot = upper[i * width + i]!;
      const value = pivot === 0 ? 0 : dense[start + i]! / pivot;
      dense[start + i] = value;
      if (value === 0) continue;
      for (let j = i + 1; j < width; j++) {
        dense[start + j]! -= value * upper[i * width + j]!;
      }
    }
  }
}

function gaussian(length: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from(
    { length },
    () =>
      Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}
