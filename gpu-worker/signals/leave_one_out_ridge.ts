import {
  type CosineMap,
  ridgeFitGraph,
  ridgeSearchGraph,
  ridgeSumsGraph,
  ridgeWidth,
} from "../graphs/ridge_graphs.ts";
import { forRowBlocks } from "../graphs/row_blocks.ts";
import type { SessionOptions } from "../graphs/session.ts";
import type { Matrix } from "../kernels/matrix.ts";
import { symmetricEigen } from "../kernels/symmetric_eigen.ts";

/** Penalties tried, times the mean eigenvalue. */
export const PENALTIES: readonly number[] = [
  1e-5,
  1e-4,
  1e-3,
  0.01,
  0.03,
  0.1,
  0.3,
  1,
];
/** A row that alone decides its prediction would be divided by 0. */
const LEAST_FREEDOM = 1e-4;
/** Shares of the work: sums over rows, eigenvectors, trying penalties. */
const SUMS_SHARE = 0.3;
const EIGEN_SHARE = 0.3;

/** What to learn from what. */
export interface RidgeInputs {
  /** A row that starts with NaN is neither learned from nor predicted, (n, width). */
  readonly features: Matrix;
  /** Random features to learn from in place of the features; null: none. */
  readonly map: CosineMap | null;
  /** Class to learn, -1 to predict only, (n,). */
  readonly labels: Int32Array;
  /** Number of classes. */
  readonly nClasses: number;
}

/** Where to work, and who is told. */
export interface RidgeOptions extends SessionOptions {
  /** Ends the work between two blocks. */
  readonly signal?: AbortSignal;
  /** Called with the share done, in (0, 1]. */
  readonly onProgress?: (fraction: number) => void;
}

/** A regression at its best penalty. */
export interface RidgeFit {
  /** Mean squared error of predictions that leave the row out; NaN without a row to learn from. */
  readonly error: number;
  /** Penalty, one of {@linkcode PENALTIES}. */
  readonly penalty: number;
  /** Weights on the columns, the last of which is 1, (p, n_classes). */
  readonly weights: Matrix;
  /** How much of its own prediction a row's label is, in [0, 1]; 0 where it was not learned from, (n,). */
  readonly leverage: Float64Array;
}

/**
 * Ridge regression on one-hot labels, at the penalty with the least squared error of leave-one-out predictions: closed form, no folds.
 *
 * Every penalty of {@linkcode PENALTIES} is tried; the column of ones is penalised as the others are. Products are float32 on the device, over
 * blocks of 1,024 rows that are summed in float64. O(n p^2 + p^3 + n p n_classes n_penalties) for p columns; no more than one block of the
 * columns is held. Deterministic for one class of device.
 *
 * Source: Cook and Weisberg (1982) for leverage; the penalties were measured on 24 settings of noise.
 *
 * @param inputs What to learn from what.
 * @param options Where to work.
 * @returns The regression; give it to {@linkcode leftOutScores}.
 * @throws The reason of `options.signal`, if it aborts.
 *
 * @example
 * ```ts
 * import { leaveOneOutRidge, leftOutScores } from "./leave_one_out_ridge.ts";
 * import assert from "node:assert/strict";
 *
 * const inputs = {
 *   features: { data: Float32Array.of(-2, -1, 1, 2), rows: 4, cols: 1 },
 *   map: null,
 *   labels: Int32Array.of(0, 0, 1, 1),
 *   nClasses: 2,
 * };
 * const { data } = await leftOutScores(inputs, await leaveOneOutRidge(inputs));
 * assert.ok(data[0]! > data[1]! && data[6]! < data[7]!);
 * ```
 */
export async function leaveOneOutRidge(
  inputs: RidgeInputs,
  { onProgress, ...options }: RidgeOptions = {},
): Promise<RidgeFit> {
  const { features, labels, nClasses } = inputs;
  const ridgeRows = rowsOf(inputs);
  const p = ridgeWidth(ridgeRows);
  const rows = usableRows(features).filter((row) => labels[row]! >= 0);

  const gram = new Float64Array(p * p);
  const moment = new Float64Array(p * nClasses);
  await forRowBlocks({
    ...options,
    graph: ridgeSumsGraph(ridgeRows, nClasses),
    matrix: features,
    rows,
    inputs: (from, to) => ({
      given: oneHot(rows.subarray(from, to), labels, nClasses),
    }),
    onProgress: (f) => onProgress?.(SUMS_SHARE * f),
  }, (sums) => {
    addTo(gram, sums.gram!.data as Float32Array);
    addTo(moment, sums.moment!.data as Float32Array);
  });
  const { values, vectors } = symmetricEigen(gram, p);
  onProgress?.(SUMS_SHARE + EIGEN_SHARE);

  const mean = values.reduce((sum, l) => sum + l, 0) / p;
  const shrink = new Float64Array(p * PENALTIES.length);
  for (let axis = 0; axis < p; axis++) {
    PENALTIES.forEach((penalty, j) =>
      shrink[axis * PENALTIES.length + j] = 1 /
        (Math.max(0, values[axis]!) + penalty * mean)
    );
  }
  const target = product(vectors, moment, p, nClasses);
  const { errors, leverages } = await tryPenalties(
    inputs,
    rows,
    { vectors, shrink, target },
    {
      ...options,
      onProgress: (f) =>
        onProgress?.(
          SUMS_SHARE + EIGEN_SHARE + (1 - SUMS_SHARE - EIGEN_SHARE) * f,
        ),
    },
  );
  let best = 0;
  errors.forEach((error, j) => best = error < errors[best]! ? j : best);
  const leverage = new Float64Array(features.rows);
  rows.forEach((row, i) =>
    leverage[row] = leverages[i * PENALTIES.length + best]!
  );
  return {
    error: errors[best]! / (rows.length * nClasses),
    penalty: PENALTIES[best]!,
    weights: unturned(
      vectors,
      target.map((x, at) =>
        x * shrink[Math.floor(at / nClasses) * PENALTIES.length + best]!
      ),
      p,
      nClasses,
    ),
    leverage,
  };
}

/**
 * Predictions of a regression; those of rows it learned from are of one that did not: out of sample, all of them.
 *
 * @param inputs What it learned from.
 * @param fit The regression.
 * @param options Where to work.
 * @returns About 1 for the class and 0 for the others, NaN where features are unknown, (n, n_classes).
 * @throws The reason of `options.signal`, if it aborts.
 *
 * @example See {@linkcode leaveOneOutRidge}.
 */
export async function leftOutScores(
  inputs: RidgeInputs,
  fit: RidgeFit,
  options: RidgeOptions = {},
): Promise<Matrix> {
  const { features: { rows }, nClasses } = inputs;
  const data = new Float32Array(rows * nClasses).fill(NaN);
  await forLeftOutScores(
    inputs,
    fit,
    (row, scores) => data.set(scores, row * nClasses),
    options,
  );
  return { data, rows, cols: nClasses };
}

/**
 * The same, one row after the other: all of them need not be held.
 *
 * @param inputs What it learned from.
 * @param fit The regression.
 * @param take Takes the predictions of a row whose features are known, (n_classes,); they are overwritten afterwards.
 * @param options Where to work.
 * @throws The reason of `options.signal`, if it aborts.
 */
export async function forLeftOutScores(
  inputs: RidgeInputs,
  { weights, leverage }: RidgeFit,
  take: (row: number, scores: Float32Array) => void,
  options: RidgeOptions = {},
): Promise<void> {
  const { features, labels, nClasses } = inputs;
  const rows = usableRows(features);
  const scores = new Float32Array(nClasses);
  await forRowBlocks({
    ...options,
    graph: ridgeFitGraph(rowsOf(inputs), weights),
    matrix: features,
    rows,
  }, ({ fitted }, from, to) => {
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      const own = leverage[row]!;
      const freedom = Math.max(LEAST_FREEDOM, 1 - own);
      for (let k = 0; k < nClasses; k++) {
        const value = Number(fitted!.data[(i - from) * nClasses + k]!);
        scores[k] = (value - (labels[row] === k ? own : 0)) / freedom;
      }
      take(row, scores);
    }
  });
}

/** Sum of squared leave-one-out errors of each penalty, and leverages (rows.length, n_penalties). */
async function tryPenalties(
  inputs: RidgeInputs,
  rows: Int32Array,
  { vectors, shrink, target }: Record<
    "vectors" | "shrink" | "target",
    Float64Array
  >,
  options: RidgeOptions,
): Promise<{ errors: Float64Array; leverages: Float32Array }> {
  const { features, labels, nClasses } = inputs;
  const nPenalties = PENALTIES.length;
  const p = shrink.length / nPenalties;
  const width = nPenalties * nClasses;
  const weights = new Float32Array(p * width);
  for (let axis = 0; axis < p; axis++) {
    for (let j = 0; j < nPenalties; j++) {
      const factor = shrink[axis * nPenalties + j]!;
      for (let k = 0; k < nClasses; k++) {
        weights[axis * width + j * nClasses + k] = factor *
          target[axis * nClasses + k]!;
      }
    }
  }
  const errors = new Float64Array(nPenalties);
  const leverages = new Float32Array(rows.length * nPenalties);
  await forRowBlocks({
    ...options,
    graph: ridgeSearchGraph(
      rowsOf(inputs),
      { data: Float32Array.from(vectors), rows: p, cols: p },
      { data: Float32Array.from(shrink), rows: p, cols: nPenalties },
      { data: weights, rows: p, cols: width },
    ),
    matrix: features,
    rows,
  }, (outputs, from, to) => {
    const fitted = outputs.fitted!.data as Float32Array;
    leverages.set(outputs.leverage!.data as Float32Array, from * nPenalties);
    for (let i = from; i < to; i++) {
      const label = labels[rows[i]!]!;
      for (let j = 0; j < nPenalties; j++) {
        const own = leverages[i * nPenalties + j]!;
        const freedom = Math.max(LEAST_FREEDOM, 1 - own);
        const start = (i - from) * width + j * nClasses;
        let sum = 0;
        for (let k = 0; k < nClasses; k++) {
          const truth = k === label ? 1 : 0;
          sum += (truth - (fitted[start + k]! - own * truth) / freedom) ** 2;
        }
        errors[j]! += sum;
      }
    }
  });
  return { errors, leverages };
}

function rowsOf({ features, map }: RidgeInputs) {
  return { width: features.cols, map };
}

/** Rows that do not start with NaN. */
function usableRows({ data, rows, cols }: Matrix): Int32Array {
  return Int32Array.from({ length: rows }, (_, i) => i).filter((i) =>
    !Number.isNaN(data[i * cols]!)
  );
}

function oneHot(rows: Int32Array, labels: Int32Array, nClasses: number) {
  const data = new Float32Array(rows.length * nClasses);
  rows.forEach((row, i) => data[i * nClasses + labels[row]!] = 1);
  return { data, shape: [rows.length, nClasses] };
}

function addTo(sum: Float64Array, values: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += values[i]!;
}

/** `a b` of (p, p) and (p, m). */
function product(a: Float64Array, b: Float64Array, p: number, m: number) {
  const out = new Float64Array(p * m);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) {
      const factor = a[i * p + j]!;
      for (let k = 0; k < m; k++) out[i * m + k]! += factor * b[j * m + k]!;
    }
  }
  return out;
}

/** `a' b` of (p, p) and (p, m), as float32. */
function unturned(
  a: Float64Array,
  b: Float64Array,
  p: number,
  m: number,
): Matrix {
  const out = new Float64Array(p * m);
  for (let j = 0; j < p; j++) {
    for (let i = 0; i < p; i++) {
      const factor = a[j * p + i]!;
      for (let k = 0; k < m; k++) out[i * m + k]! += factor * b[j * m + k]!;
    }
  }
  return { data: Float32Array.from(out), rows: p, cols: m };
}
