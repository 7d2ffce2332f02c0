import type { Matrix } from "./matrix.ts";

/**
 * Log-odds margin, moved by what is known about the noise:
 * `log P[y] + log T[y,y] / 4 - max_{k != y} (log P[k] + log T[k,y] / 4)`.
 *
 * Low means suspicious. `T[true, given]` is the calibrated confident joint read
 * by true class, each row shrunk half-way to uniform. Without `joint` T is left
 * out, which is the plain log-odds margin. Probabilities count as at least
 * 1e-12. Unlabelled samples and rows that hold NaN are NaN; with one class the
 * margin is 0. O(n_samples * n_classes).
 *
 * Source: ours; measured on the noisy labels of CIFAR-10N.
 *
 * @param predProbs Out-of-sample class probabilities, (n_samples, n_classes).
 * @param labels Given labels, -1 where unlabelled, (n_samples,).
 * @param joint Calibrated confident joint, by given and true label, (n_classes, n_classes).
 * @returns Margins, (n_samples,).
 * @throws {RangeError} If the shapes disagree.
 *
 * @example
 * ```ts
 * import { noiseAwareMargins } from "./noise_aware_margins.ts";
 * import assert from "node:assert/strict";
 *
 * const predProbs = { data: Float32Array.of(0.5, 0.5), rows: 1, cols: 2 };
 * assert.equal(noiseAwareMargins(predProbs, Int32Array.of(0))[0], 0);
 * ```
 */
export function noiseAwareMargins(
  predProbs: Matrix,
  labels: Int32Array,
  joint?: Float64Array,
): Float64Array {
  const { data, rows, cols } = predProbs;
  if (labels.length !== rows || (joint && joint.length !== cols * cols)) {
    throw new RangeError(
      `Cannot take margins as labels and joint must fit predProbs (${rows}, ${cols}): got ${labels.length} labels and ${joint?.length} counts`,
    );
  }
  const bonus = joint ? logNoise(joint, cols) : new Float64Array(cols * cols);
  const margins = new Float64Array(rows).fill(NaN);
  for (let i = 0; i < rows; i++) {
    const y = labels[i]!;
    if (y < 0) continue;
    const value = (k: number) =>
      Math.log(Math.max(data[i * cols + k]!, 1e-12)) + bonus[k * cols + y]! / 4;
    let rival = cols === 1 ? value(0) : -Infinity;
    for (let k = 0; k < cols; k++) {
      if (k !== y) rival = Math.max(rival, value(k));
    }
    margins[i] = value(y) - rival;
  }
  return margins;
}

/** `log T[true, given]`, (n_classes, n_classes). */
function logNoise(joint: Float64Array, cols: number): Float64Array {
  const out = new Float64Array(cols * cols);
  for (let k = 0; k < cols; k++) {
    let sum = 0;
    for (let y = 0; y < cols; y++) sum += joint[y * cols + k]!;
    for (let y = 0; y < cols; y++) {
      const share = sum > 0 ? joint[y * cols + k]! / sum : (y === k ? 1 : 0); // a class nobody looks like: no noise known
      out[k * cols + y] = Math.log(share / 2 + 0.5 / cols);
    }
  }
  return out;
}
