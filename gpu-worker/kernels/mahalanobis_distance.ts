import type { Matrix } from "./matrix.ts";

/** What the spread of points is estimated from. */
export interface MahalanobisOptions {
  /** Points that mean and covariance are taken of, evenly spaced; default 2,000. */
  readonly fitRows?: number;
  /** Share of the covariance that is the mean variance in all directions, in (0, 1]; default .1. */
  readonly shrinkage?: number;
}

/**
 * Distance to the mean in units of the spread in that direction:
 * `sqrt((x - m)' C^-1 (x - m))`, with the covariance shrunk towards a multiple
 * of the identity so that it can be inverted.
 *
 * Rows with a non-finite value are NaN and do not count. Points that do not
 * spread at all have distance 0. O(fitRows * d^2 + d^3 + m * d^2).
 *
 * Source: Mahalanobis (1936); Ledoit and Wolf (2004) for the shrinkage, whose
 * share is fixed here.
 *
 * @param points Any numbers, (n, d).
 * @param rows Rows to score, (m,); default all.
 * @param options What the spread is estimated from.
 * @returns Distances, at least 0, (m,).
 *
 * @example
 * ```ts
 * import { mahalanobisDistance } from "./mahalanobis_distance.ts";
 * import assert from "node:assert/strict";
 *
 * const points = { data: Float32Array.of(-1, 1), rows: 2, cols: 1 };
 * assert.deepEqual(mahalanobisDistance(points), Float64Array.of(1, 1));
 * ```
 */
export function mahalanobisDistance(
  points: Matrix,
  rows: ArrayLike<number> = { length: points.rows },
  { fitRows = 2000, shrinkage = 0.1 }: MahalanobisOptions = {},
): Float64Array {
  const { data, cols } = points;
  const step = Math.max(1, points.rows / fitRows);
  const fit: number[] = [];
  for (let at = 0; at < points.rows; at += step) {
    const row = Math.floor(at);
    if (isUsable(points, row)) fit.push(row);
  }
  const mean = new Float64Array(cols);
  for (const row of fit) {
    for (let j = 0; j < cols; j++) {
      mean[j]! += data[row * cols + j]! / fit.length;
    }
  }
  const factor = choleskyFactor(covariance(points, fit, mean, shrinkage), cols);
  const solved = new Float64Array(cols);
  return Float64Array.from(rows, (given, at) => {
    const row = given ?? at;
    if (fit.length === 0 || !isUsable(points, row)) return NaN;
    if (!factor) return 0;
    let sum = 0;
    for (let i = 0; i < cols; i++) { // forward substitution
      let x = data[row * cols + i]! - mean[i]!;
      for (let j = 0; j < i; j++) x -= factor[i * cols + j]! * solved[j]!;
      solved[i] = x / factor[i * cols + i]!;
      sum += solved[i]! ** 2;
    }
    return Math.sqrt(sum);
  });
}

function isUsable({ data, cols }: Matrix, row: number): boolean {
  return data.subarray(row * cols, (row + 1) * cols).every(Number.isFinite);
}

/** Lower triangle of the shrunk covariance, (d * d,). */
function covariance(
  { data, cols }: Matrix,
  fit: readonly number[],
  mean: Float64Array,
  shrinkage: number,
): Float64Array {
  const sum = new Float64Array(cols * cols);
  const centred = new Float64Array(cols);
  for (const row of fit) {
    for (let j = 0; j < cols; j++) {
      centred[j] = data[row * cols + j]! - mean[j]!;
    }
    for (let i = 0; i < cols; i++) {
      const x = centred[i]! / fit.length;
      for (let j = 0; j <= i; j++) sum[i * cols + j]! += x * centred[j]!;
    }
  }
  let trace = 0;
  for (let i = 0; i < cols; i++) trace += sum[i * cols + i]!;
  const out = sum.map((x) => x * (1 - shrinkage));
  for (let i = 0; i < cols; i++) out[i * cols + i]! += shrinkage * trace / cols;
  return out;
}

/** Lower triangular L with L L' the matrix, in its place; null where it is not positive. */
function choleskyFactor(matrix: Float64Array, d: number): Float64Array | null {
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let x = matrix[i * d + j]!;
      for (let k = 0; k < j; k++) x -= matrix[i * d + k]! * matrix[j * d + k]!;
      if (i !== j) matrix[i * d + j] = x / matrix[j * d + j]!;
      else if (x > 0) matrix[i * d + i] = Math.sqrt(x);
      else return null;
    }
  }
  return matrix;
}
