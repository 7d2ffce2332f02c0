import type { Matrix } from "./matrix.ts";

/** Least probability in a logarithm. */
const LEAST_PROB = 1e-12;
const [LEAST, MOST] = [0.05, 20];
const STEPS = 40;

/**
 * The temperature that makes probabilities most likely: `p^(1/T)`, scaled to sum to 1.
 *
 * Above 1 the model is too sure. By bisection on the derivative of the likelihood, which rises with 1/T. Rows that hold NaN and unlabelled ones are
 * left out. O(n * n_classes) a step, 40 steps.
 *
 * Source: Guo et al. (2017).
 *
 * @param probs Probabilities, (n, n_classes).
 * @param labels True classes, -1 where unknown, (n,).
 * @returns T, in [0.05, 20]; NaN without a usable row.
 *
 * @example
 * ```ts
 * import { fitTemperature } from "./fit_temperature.ts";
 * import assert from "node:assert/strict";
 *
 * // says .9 and is right three times of four: T makes it .75
 * const probs = { data: Float32Array.of(0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.9, 0.1), rows: 4, cols: 2 };
 * const T = fitTemperature(probs, Int32Array.of(0, 0, 0, 1));
 * assert.ok(Math.abs(T - 2) < 1e-3);
 * ```
 */
export function fitTemperature(probs: Matrix, labels: Int32Array): number {
  const { data, cols } = probs;
  const rows = Int32Array.from(labels.keys()).filter((i) =>
    labels[i]! >= 0 && !Number.isNaN(data[i * cols]!)
  );
  if (rows.length === 0) return NaN;
  const logs = new Float64Array(rows.length * cols);
  rows.forEach((row, i) => {
    for (let k = 0; k < cols; k++) {
      logs[i * cols + k] = Math.log(
        Math.max(LEAST_PROB, data[row * cols + k]!),
      );
    }
  });
  /** How much the mean logarithm is above that of the true class, at 1/T. */
  const slope = (inverse: number) => {
    let sum = 0;
    for (let i = 0; i < rows.length; i++) {
      const start = i * cols;
      let [total, mean, most] = [0, 0, -Infinity];
      for (let j = start; j < start + cols; j++) {
        most = Math.max(most, logs[j]!);
      }
      for (let j = start; j < start + cols; j++) {
        const e = Math.exp(inverse * (logs[j]! - most));
        total += e;
        mean += e * logs[j]!;
      }
      sum += mean / total - logs[start + labels[rows[i]!]!]!;
    }
    return sum;
  };
  let [low, high] = [Math.log(1 / MOST), Math.log(1 / LEAST)];
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (slope(Math.exp(middle)) < 0) low = middle;
    else high = middle;
  }
  return Math.exp(-(low + high) / 2);
}
