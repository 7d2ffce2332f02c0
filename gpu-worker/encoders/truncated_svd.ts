import type { Matrix } from "../kernels/matrix.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { symmetricEigen } from "../kernels/symmetric_eigen.ts";
import {
  multiplySparse,
  someRows,
  type SparseMatrix,
  transposed,
} from "./sparse_matrix.ts";
import { crossProduct, multiplyTall, orthonormalize } from "./tall_matrix.ts";

/** How close to the exact decomposition. */
export interface SvdOptions {
  /** Dimensions kept at most; default 256. */
  readonly rank?: number;
  /** Dimensions searched beyond them; default 10. */
  readonly oversampling?: number;
  /** Passes that sharpen the range, two products each; default 3. */
  readonly powerIterations?: number;
  /** Rows that the space is searched with, drawn by chance where there are more; default 8,192. */
  readonly mostRows?: number;
  /** Seed of the random start; default 0. */
  readonly seed?: number;
  /** Called after each pass with the share done, in (0, 1]; what it throws ends the work. */
  readonly onPass?: (fraction: number) => void;
}

/** Rows in the space of the largest singular values. */
export interface TruncatedSvd {
  /** `A V`, columns by falling singular value, their signs free, (rows, k). */
  readonly projected: Matrix;
  /** Singular values of the rows that the space was searched with, falling, (k,). */
  readonly singularValues: Float64Array;
}

/** Smaller ones, as a share of the largest, are rounding. */
const LEAST_SINGULAR_VALUE = 1e-5;
const MOST_ROWS = 8192;
/** Rows that are projected at a time. */
const BLOCK_ROWS = 1024;

/**
 * Rows of a sparse matrix in the space of its largest singular values, not centred.
 *
 * Randomised range finder with power iterations, orthonormalised by Cholesky after each; of more than `mostRows` rows some find the space, and all
 * are projected on it. Deterministic for a seed. k is at most `rank`, the sides of what finds the space, and its numerical rank.
 * O((2 passes + 3) * n_values * k + passes * rows * k^2); holds 8 (2 rows + cols) k bytes and a copy of the rows that find the space.
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
    mostRows = MOST_ROWS,
    seed = 0,
    onPass = () => {},
  }: SvdOptions = {},
): TruncatedSvd {
  const random = seededRandom(seed);
  const some = drawn(matrix, mostRows, random);
  const turned = transposed(some);
  const width = Math.min(rank + oversampling, some.rows, some.cols);
  const range = new Float64Array(some.rows * width); // (some rows, width)
  const wide = new Float64Array(some.cols * width); // (cols, width)
  for (let i = 0; i < range.length; i++) range[i] = random() - 0.5;
  for (let pass = 0; pass < powerIterations; pass++) {
    multiplySparse(turned, range, wide, width);
    multiplySparse(some, wide, range, width);
    orthonormalize(range, width);
    onPass((pass + 1) / (powerIterations + 1));
  }
  orthonormalize(range, width);
  multiplySparse(turned, range, wide, width); // A' Q
  const image = new Float64Array(range.length); // A A' Q
  multiplySparse(some, wide, image, width);
  const { values, vectors } = symmetricEigen(
    crossProduct(range, image, width),
    width,
  );
  const all = values.map((v) => Math.sqrt(Math.max(0, v)));
  const singularValues = all.slice(0, rank)
    .filter((s) => s > LEAST_SINGULAR_VALUE * all[0]!);
  const k = singularValues.length;
  const factor = new Float64Array(width * k);
  for (let i = 0; i < width; i++) {
    for (let d = 0; d < k; d++) {
      factor[i * k + d] = vectors[d * width + i]! / singularValues[d]!;
    }
  }
  const projected = new Float32Array(matrix.rows * k);
  for (let from = 0; from < matrix.rows; from += BLOCK_ROWS) {
    const to = Math.min(from + BLOCK_ROWS, matrix.rows);
    const block = new Float64Array((to - from) * width);
    multiplySparse(matrix, wide, block, width, from, to);
    multiplyTall(block, factor, width, k, projected.subarray(from * k, to * k));
  }
  onPass(1);
  return {
    projected: { data: projected, rows: matrix.rows, cols: k },
    singularValues,
  };
}

/** So many rows by chance, in their order; all of them if there are no more. */
function drawn(
  matrix: SparseMatrix,
  count: number,
  random: () => number,
): SparseMatrix {
  if (matrix.rows <= count) return matrix;
  const rows = Int32Array.from({ length: matrix.rows }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (rows.length - i));
    [rows[i], rows[j]] = [rows[j]!, rows[i]!];
  }
  return someRows(matrix, rows.subarray(0, count).sort());
}
