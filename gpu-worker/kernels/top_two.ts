import { probRows, type Probs } from "./prob_rows.ts";
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
export function topTwo(probs: Probs): TopTwo {
  const source = probRows(probs);
  const { rows, cols } = source;
  const own = new Float32Array(cols);
  const first = new Int32Array(rows).fill(-1);
  const second = new Int32Array(rows).fill(-1);
  const firstProbability = new Float32Array(rows).fill(NaN);
  const secondProbability = new Float32Array(rows).fill(NaN);
  for (let row = 0; row < rows; row++) {
    if (cols === 0) continue;
    source.read(row, own);
    if (Number.isNaN(own[0]!)) continue;
    const a = rowArgmax(own, 0, cols);
    const b = rowArgmax(own, 0, cols, a);
    if (a < 0) continue;
    first[row] = a;
    firstProbability[row] = own[a]!;
    if (b < 0) continue;
    second[row] = b;
    secondProbability[row] = own[b]!;
  }
  return { first, second, firstProbability, secondProbability };
}
