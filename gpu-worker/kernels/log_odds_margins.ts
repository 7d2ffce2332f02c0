import { logInPlace } from "./log_in_place.ts";
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
/** Up to so many columns a scan without branches, which cannot be guessed wrongly, is faster: 4 times at 10 columns. */
const MOST_NARROW = 32;
/** Bits from here on are set in floats from 2 on, infinities, NaN and what is negative. */
const FROM_TWO = 30;

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
  const least = LEAST_PROBABILITY; // what is exported is looked up each time
  const margins = new Float64Array(rows);
  const rivals = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    const start = i * cols;
    const end = start + cols;
    const given = labels[i]! < 0 ? -1 : start + labels[i]!;
    let best = isNarrow
      ? rivalInNarrow(bits, start, end, given)
      : rivalInWide(bits, start, end, given);
    const isUsual = best >= 0;
    if (!isUsual) best = rivalInAny(data, start, end, given);
    rivals[i] = best < 0 ? -1 : best - start;
    if (given < 0 || (!isUsual && holdsNaN(data, start, end))) margins[i] = NaN;
    else if (best < 0) margins[i] = 1;
    else {
      margins[i] = Math.max(data[given]!, least) /
        Math.max(data[best]!, least);
    }
  }
  logInPlace(margins);
  return { margins, rivals };
}

/**
 * Place of the largest but the given one, the first of equals; -1 where there
 * is none, or where not all are in [0, 2), in which floats order as their bits do.
 */
function rivalInNarrow(
  bits: Int32Array,
  start: number,
  end: number,
  given: number,
): number {
  let best = -1;
  let most = -1;
  let all = 0;
  for (let j = start; j < end; j++) {
    const b = bits[j]!;
    const isOther = (j - given | given - j) >> 31; // all bits or none
    const isAhead = (most - b >> 31) & isOther;
    most ^= (most ^ b) & isAhead;
    best ^= (best ^ j) & isAhead;
    all |= b;
  }
  return all >>> FROM_TWO ? -1 : best;
}

/** The same with branches, which are seldom taken in long rows. */
function rivalInWide(
  bits: Int32Array,
  start: number,
  end: number,
  given: number,
): number {
  let best = -1;
  let most = -1;
  let all = 0;
  for (let j = start; j < end; j++) {
    const b = bits[j]!;
    all |= b;
    if (b > most && j !== given) {
      most = b;
      best = j;
    }
  }
  return all >>> FROM_TWO ? -1 : best;
}

/** The same whatever the values are: NaN is passed over. */
function rivalInAny(
  data: Float32Array,
  start: number,
  end: number,
  given: number,
): number {
  let best = -1;
  let most = -Infinity;
  for (let j = start; j < end; j++) {
    if (data[j]! > most && j !== given) {
      most = data[j]!;
      best = j;
    }
  }
  return best;
}

function holdsNaN(data: Float32Array, start: number, end: number): boolean {
  for (let j = start; j < end; j++) if (data[j]! !== data[j]!) return true;
  return false;
}
