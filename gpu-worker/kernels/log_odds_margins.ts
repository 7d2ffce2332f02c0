import type { Matrix } from "./matrix.ts";

/** How each given label stands against the best other; see {@linkcode logOddsMargins}. */
export interface LogOddsMargins {
  /** `log P[y] - max_{k != y} log P[k]`; NaN where unlabelled or where the row holds NaN, (n_samples,). */
  readonly margins: Float64Array;
  /** The most probable class but the given one, the first of equals; -1 where there is none, (n_samples,). */
  readonly rivals: Int32Array;
}

/** Probabilities count as at least this. */
export const LEAST_PROBABILITY = 1e-12;
/** Floats that are not negative order as their bits do, and the largest of whole numbers needs no branch: 3 times as fast on rows as short as this. */
const MOST_NARROW = 32;
const INFINITY_BITS = 0x7f800000;

/**
 * Log-odds margin of each given label and its best rival.
 *
 * A low margin is suspicious. Probabilities count as at least 1e-12; with one class the margin is 0. An unlabelled sample's rival is its most probable
 * class. One pass, one logarithm a row: it keeps the order. O(n_samples * n_classes); allocates only the result.
 *
 * @param predProbs Out-of-sample class probabilities, (n_samples, n_classes).
 * @param labels Given labels, -1 where unlabelled, (n_samples,).
 * @returns Margins and rivals.
 * @throws {RangeError} If the shapes disagree.
 *
 * @example
 * ```ts
 * import { logOddsMargins } from "./log_odds_margins.ts";
 * import assert from "node:assert/strict";
 *
 * const predProbs = { data: Float32Array.of(0.25, 0.5, 0.25), rows: 1, cols: 3 };
 * const { margins, rivals } = logOddsMargins(predProbs, Int32Array.of(0));
 * assert.equal(margins[0], -Math.log(2));
 * assert.equal(rivals[0], 1);
 * ```
 */
export function logOddsMargins(
  predProbs: Matrix,
  labels: Int32Array,
): LogOddsMargins {
  const { data, rows, cols } = predProbs;
  if (labels.length !== rows) {
    throw new RangeError(
      `Cannot take margins as labels.length must equal predProbs.rows: got ${labels.length} and ${rows}`,
    );
  }
  const bits = new Int32Array(data.buffer, data.byteOffset, data.length);
  const isNarrow = cols <= MOST_NARROW;
  const margins = new Float64Array(rows);
  const rivals = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    const start = i * cols;
    const end = start + cols;
    const given = labels[i]! < 0 ? -1 : start + labels[i]!;
    const isGivenNaN = given >= 0 && data[given]! !== data[given]!;
    let best = -1;
    let hasNaN = isGivenNaN;
    if (isNarrow && !isGivenNaN) {
      let most = 0;
      let signs = 0;
      for (let j = start; j < end; j++) {
        const b = bits[j]! & ((j - given | given - j) >> 31); // the given one counts as 0
        const ahead = b - most | 0;
        most += ahead & ~(ahead >> 31);
        signs |= b;
      }
      if (signs > 0 && most <= INFINITY_BITS) {
        best = start;
        while (bits[best]! !== most || best === given) best++;
      }
    }
    if (best < 0) { // wide rows, and those with NaN, negative values or nothing but 0
      let most = -Infinity;
      for (let j = start; j < end; j++) {
        const p = data[j]!;
        if (p <= most) continue;
        if (p !== p) hasNaN = true;
        else if (j !== given) {
          most = p;
          best = j;
        }
      }
    }
    rivals[i] = best < 0 ? -1 : best - start;
    if (given < 0 || hasNaN) margins[i] = NaN;
    else if (cols > 1) {
      margins[i] = Math.log(
        Math.max(data[given]!, LEAST_PROBABILITY) /
          Math.max(data[best]!, LEAST_PROBABILITY),
      );
    }
  }
  return { margins, rivals };
}
