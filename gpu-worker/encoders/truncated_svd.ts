import type { Matrix } from "../kernels/matrix.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { symmetricEigen } from "../kernels/symmetric_eigen.ts";
import {
  multiplySparse,
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
  /** Seed of the random start; default 0. */
  readonly seed?: number;
  /** Called after each pass with the share done, in (0, 1]; what it throws ends the work. */
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

/**
 * Rows of a sparse matrix in the space of its largest singular values, not centred.
 *
 * Randomised range finder with power iterations, orthonormalised by Cholesky after each. Deterministic for a seed. k is at most `rank`, the
 * matrix' sides, and its numerical rank. O((2 passes + 2) * n_values * k + passes * rows * k^2); holds 8 (2 rows + cols) k bytes and a copy
 * of the matrix.
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
  const turned = transposed(matrix);
  const range = new Float64Array(matrix.rows * width); // (rows, width)
  const wide = new Float64Array(matrix.cols * width); // (cols, width)
  const random = seededRandom(seed);
  for (let i = 0; i < range.length; i++) range[i] = random() - 0.5;
  for (let pass = 0; pass < powerIterations; pass++) {
    multiplySparse(turned, range, wide, width);
    multiplySparse(matrix, wide, range, width);
    orthonormalize(range, width);
    onPass((pass + 1) / (powerIterations + 1));
  }
  orthonormalize(range, width);
  const image = new Float64Array(range.length); // A A' range
  multiplySparse(turned, range, wide, width);
  multiplySparse(matrix, wide, image, width);
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
      factor[i * k + d] = vectors[d * width + i]! * singularValues[d]!;
    }
  }
  const projected = new Float32Array(matrix.rows * k);
  multiplyTall(range, factor, width, k, projected);
  onPass(1);
  return {
    projected: { data: projected, rows: matrix.rows, cols: k },
    singularValues,
  };
}
