import type { Matrix } from "./matrix.ts";
import { rowArgmax } from "./row_argmax.ts";

/** The two most likely classes of each row, (n,); -1 and NaN where unknown. */
export interface TopTwo {
  /** Most likely class, the first of equals. */
  readonly first: Int32Array;
  /** Most likely of the others. */
  readonly second: Int32Array;
  /** Probability of `first`. */
  readonly firstProbability: Float32Array;
  /** Probability of `second`. */
  readonly secondProbability: Float32Array;
}

/**
 * The two most likely classes of each row. O(n * n_classes).
 *
 * @param probs Probabilities; a row holding NaN in its first column is unknown, (n, n_classes).
 * @returns Classes and their probabilities.
 *
 * @example
 * ```ts
 * import { topTwo } from "./top_two.ts";
 * import assert from "node:assert/strict";
 *
 * const { first, second } = topTwo({ data: Float32Array.of(0.25, 0.5, 0.25), rows: 1, cols: 3 });
 * assert.deepEqual([first[0], second[0]], [1, 0]);
 * ```
 */
export function topTwo({ data, rows, cols }: Matrix): TopTwo {
  const first = new Int32Array(rows).fill(-1);
  const second = new Int32Array(rows).fill(-1);
  const firstProbability = new Float32Array(rows).fill(NaN);
  const secondProbability = new Float32Array(rows).fill(NaN);
  for (let row = 0; row < rows; row++) {
    if (cols === 0 || Number.isNaN(data[row * cols]!)) continue;
    const a = rowArgmax(data, row, cols);
    const b = rowArgmax(data, row, cols, a);
    if (a < 0) continue;
    first[row] = a;
    firstProbability[row] = data[row * cols + a]!;
    if (b < 0) continue;
    second[row] = b;
    secondProbability[row] = data[row * cols + b]!;
  }
  return { first, second, firstProbability, secondProbability };
}
