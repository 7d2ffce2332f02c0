import type { Matrix } from "./matrix.ts";

/**
 * Row-wise softmax: `exp(x - max) / sum(exp(x - max))`.
 *
 * Rows sum to 1. `-Infinity` gives 0. A row that holds NaN or `Infinity`, or
 * nothing but `-Infinity`, is NaN throughout. O(rows * cols); allocates only
 * the result.
 *
 * @param logits Values before softmax, (n, k).
 * @returns Probabilities, (n, k).
 *
 * @example
 * ```ts
 * import { softmaxRows } from "./softmax_rows.ts";
 * import assert from "node:assert/strict";
 *
 * const logits = { data: Float32Array.of(3, 3), rows: 1, cols: 2 };
 * assert.deepEqual(softmaxRows(logits).data, Float32Array.of(0.5, 0.5));
 * ```
 */
export function softmaxRows(logits: Matrix): Matrix {
  const { data, rows, cols } = logits;
  const out = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) {
    const start = i * cols;
    const end = start + cols;
    let max = -Infinity;
    for (let j = start; j < end; j++) max = Math.max(max, data[j]!);
    let sum = 0;
    for (let j = start; j < end; j++) {
      const e = Math.exp(data[j]! - max);
      out[j] = e;
      sum += e;
    }
    for (let j = start; j < end; j++) out[j] = out[j]! / sum;
  }
  return { data: out, rows, cols };
}
