import type { SearchRows } from "./_knn_rows.ts";
import { BASE_LEVELS, QUERY_LEVELS, type Turn } from "./_knn_turn.ts";

/** Columns at most that hold large digits. */
const MAX_LARGE_DIGITS = 64;

/** Ends of points as columns of bytes. */
export interface EndDigits {
  /** Columns. */
  readonly nDigits: number;
  /** Writes those of `rows` points, (n_digits, rows). */
  write(from: number, rows: number, into: Int8Array): void;
}

/** What is added to the products of each point. */
export function endsOf(
  { data, rows, cols }: SearchRows,
  { mean }: Turn,
): Float64Array {
  const ends = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const start = i * cols;
    if (!mean) ends[i] = data[start + cols - 1]!;
    else for (let j = 0; j < cols; j++) ends[i]! += data[start + j]! * mean[j]!;
  }
  return ends;
}

/**
 * Ends, less their middle, in units of a product of bytes: large digits, each worth 127, and a last one worth 1.
 *
 * @param ends Of the points, (n,).
 * @param range What coordinates stay below.
 */
export function endDigits(ends: Float64Array, range: number): EndDigits {
  const units = QUERY_LEVELS * BASE_LEVELS / range ** 2;
  let least = Infinity;
  let greatest = -Infinity;
  for (const end of ends) {
    least = Math.min(least, end * units);
    greatest = Math.max(greatest, end * units);
  }
  const perColumn = QUERY_LEVELS * BASE_LEVELS;
  const nLarge = Math.min(
    MAX_LARGE_DIGITS,
    Math.ceil((greatest - least) / 2 / perColumn),
  );
  const limit = nLarge * perColumn;
  // where they do not fit the far ones are cut
  const middle = Math.max((least + greatest) / 2, greatest - limit);
  return {
    nDigits: nLarge + 1,
    write(from, rows, into) {
      for (let i = 0; i < rows; i++) {
        const end = ends[from + i]! * units - middle;
        let rest = Math.round(Math.max(-limit, Math.min(limit, end)));
        for (let digit = 0; digit < nLarge; digit++) {
          const value = Math.max(
            -BASE_LEVELS,
            Math.min(BASE_LEVELS, Math.round(rest / QUERY_LEVELS)),
          );
          into[digit * rows + i] = value;
          rest -= value * QUERY_LEVELS;
        }
        into[nLarge * rows + i] = rest;
      }
    },
  };
}
