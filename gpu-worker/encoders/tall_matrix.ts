/**
 * Products of matrices that are much taller than wide, row-major. Rows are taken in blocks that stay in the cache, four terms at a time.
 *
 * @module
 */

const BLOCK_ROWS = 64;
/** Of a column that depends on those before it, this much of its square is left at most. */
const DEPENDENT = 1e-11;

/**
 * `a' b`, which must be symmetric. O(rows * width^2).
 *
 * @param a (rows, width).
 * @param b (rows, width).
 * @param width Columns of both.
 * @returns (width, width).
 *
 * @example
 * ```ts
 * import { crossProduct } from "./tall_matrix.ts";
 * import assert from "node:assert/strict";
 *
 * const a = Float64Array.of(1, 2, 3, 4);
 * assert.deepEqual(crossProduct(a, a, 2), Float64Array.of(10, 14, 14, 20));
 * ```
 */
export function crossProduct(
  a: Float64Array,
  b: Float64Array,
  width: number,
): Float64Array {
  const product = new Float64Array(width * width);
  const block = BLOCK_ROWS * width;
  for (let from = 0; from < a.length; from += block) {
    const to = Math.min(from + block, a.length);
    for (let i = 0; i < width; i++) {
      const sums = product.subarray(i * width, (i + 1) * width);
      let row = from;
      for (; row + 4 * width <= to; row += 4 * width) {
        const second = row + width;
        const third = second + width;
        const fourth = third + width;
        const v0 = a[row + i]!;
        const v1 = a[second + i]!;
        const v2 = a[third + i]!;
        const v3 = a[fourth + i]!;
        for (let j = i; j < width; j++) {
          sums[j]! += v0 * b[row + j]! + v1 * b[second + j]! +
            v2 * b[third + j]! + v3 * b[fourth + j]!;
        }
      }
      for (; row < to; row += width) {
        const value = a[row + i]!;
        for (let j = i; j < width; j++) sums[j]! += value * b[row + j]!;
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

/**
 * `to = dense * factor`. O(rows * width * k).
 *
 * @param dense (rows, width).
 * @param factor (width, k).
 * @param width Columns of `dense`.
 * @param k Columns of `factor`.
 * @param to Written; may be `dense` where k is `width`, (rows, k).
 *
 * @example
 * ```ts
 * import { multiplyTall } from "./tall_matrix.ts";
 * import assert from "node:assert/strict";
 *
 * const to = new Float64Array(2);
 * multiplyTall(Float64Array.of(1, 2, 3, 4), Float64Array.of(10, 1), 2, 1, to);
 * assert.deepEqual(to, Float64Array.of(12, 34));
 * ```
 */
export function multiplyTall(
  dense: Float64Array,
  factor: Float64Array,
  width: number,
  k: number,
  to: Float64Array | Float32Array,
): void {
  const sums = new Float64Array(k);
  const rows = width === 0 ? 0 : dense.length / width;
  for (let row = 0; row < rows; row++) {
    const from = row * width;
    sums.fill(0);
    let i = 0;
    for (; i + 4 <= width; i += 4) {
      const v0 = dense[from + i]!;
      const v1 = dense[from + i + 1]!;
      const v2 = dense[from + i + 2]!;
      const v3 = dense[from + i + 3]!;
      const a = i * k;
      const b = a + k;
      const c = b + k;
      const d = c + k;
      for (let j = 0; j < k; j++) {
        sums[j]! += v0 * factor[a + j]! + v1 * factor[b + j]! +
          v2 * factor[c + j]! + v3 * factor[d + j]!;
      }
    }
    for (; i < width; i++) {
      const value = dense[from + i]!;
      for (let j = 0; j < k; j++) sums[j]! += value * factor[i * k + j]!;
    }
    to.set(sums, row * k);
  }
}

/**
 * Makes columns orthonormal, to about `1e-16 c^2` where c is their condition (at most 3e5): run it twice for full precision. A column that depends
 * on those before it becomes 0. O(rows * width^2).
 *
 * Source: Golub and Van Loan (2013), Matrix Computations, section 4.2.8: Cholesky's R of R' R, then the product with its inverse.
 *
 * @param dense Rewritten, (rows, width).
 * @param width Columns.
 *
 * @example
 * ```ts
 * import { orthonormalize } from "./tall_matrix.ts";
 * import assert from "node:assert/strict";
 *
 * const columns = Float64Array.of(2, 4, 0, 1, 0, 0); // (3, 2)
 * orthonormalize(columns, 2);
 * assert.deepEqual(columns, Float64Array.of(1, 0, 0, 1, 0, 0));
 * ```
 */
export function orthonormalize(dense: Float64Array, width: number): void {
  const upper = crossProduct(dense, dense, width); // becomes R of R' R
  const inverse = new Float64Array(width * width);
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
    for (let k = 0; k < i; k++) { // column i of the inverse
      let sum = 0;
      for (let j = k; j < i; j++) {
        sum += inverse[k * width + j]! * upper[j * width + i]!;
      }
      inverse[k * width + i] = -sum * scale;
    }
    inverse[i * width + i] = scale;
  }
  multiplyTall(dense, inverse, width, width, dense);
}
