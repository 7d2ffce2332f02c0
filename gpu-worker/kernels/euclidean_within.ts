import type { Matrix } from "./matrix.ts";

/** The nearest of some; see {@linkcode euclideanWithin}. */
export interface NearestWithin {
  /** Places a row. */
  readonly k: number;
  /** Row of each, nearest first, of equal ones the smaller row; -1 for an empty place, (n * k,). */
  readonly neighbours: Int32Array;
  /** Euclidean distance, ascending; NaN in an empty place, (n * k,). */
  readonly values: Float32Array;
}

/**
 * The k nearest by Euclidean distance among neighbours that are known already, by whatever they were found.
 *
 * Points that almost coincide are near by every measure, so that no second search is needed to find them. Distances are summed in float64. A row that
 * holds NaN has nobody, and is nobody's. O(n * candidates * width).
 *
 * @param points Points, (n, width).
 * @param candidates Rows to choose from, -1 for none, (n * n_candidates,).
 * @param nCandidates Candidates a row.
 * @param k Places a row.
 * @returns Neighbours and distances.
 *
 * @example
 * ```ts
 * import { euclideanWithin } from "./euclidean_within.ts";
 * import assert from "node:assert/strict";
 *
 * const points = { data: Float32Array.of(0, 5, 1), rows: 3, cols: 1 };
 * const { neighbours, values } = euclideanWithin(points, Int32Array.of(1, 2, 0, 2, 1, -1), 2, 1);
 * assert.deepEqual([neighbours[0], values[0]], [2, 1]);
 * ```
 */
export function euclideanWithin(
  { data, rows, cols }: Matrix,
  candidates: Int32Array,
  nCandidates: number,
  k: number,
): NearestWithin {
  const neighbours = new Int32Array(rows * k).fill(-1);
  const values = new Float32Array(rows * k).fill(NaN);
  const squares = new Float64Array(nCandidates);
  const others = new Int32Array(nCandidates);
  for (let i = 0; i < rows; i++) {
    let n = 0;
    for (let c = i * nCandidates; c < (i + 1) * nCandidates; c++) {
      const other = candidates[c]!;
      if (other < 0) continue;
      let sum = 0;
      for (let j = 0; j < cols; j++) {
        const gap = data[i * cols + j]! - data[other * cols + j]!;
        sum += gap * gap;
      }
      if (sum !== sum) continue; // NaN
      let place = n++;
      while (
        place > 0 &&
        (sum < squares[place - 1]! ||
          (sum === squares[place - 1]! && other < others[place - 1]!))
      ) {
        squares[place] = squares[place - 1]!;
        others[place] = others[place - 1]!;
        place--;
      }
      squares[place] = sum;
      others[place] = other;
    }
    for (let place = 0; place < Math.min(n, k); place++) {
      neighbours[i * k + place] = others[place]!;
      values[i * k + place] = Math.sqrt(squares[place]!);
    }
  }
  return { k, neighbours, values };
}
