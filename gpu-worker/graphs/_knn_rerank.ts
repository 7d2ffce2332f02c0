import type { Matrix } from "../kernels/matrix.ts";
import type { Metric, SearchRows } from "./_knn_rows.ts";
import type { Places } from "./_knn_scores.ts";

/** The rows as they came. */
export interface RerankOptions {
  /** (n, d). */
  readonly queries: Matrix;
  /** (m, d). */
  readonly base: Matrix;
  /** Row of the first query in `base`, or null. */
  readonly selfOffset: number | null;
  /** Neighbours wanted. */
  readonly k: number;
  /** What near means. */
  readonly metric: Metric;
}

/** What was searched. */
export interface Searched {
  /** Rows that were looked for. */
  readonly queries: SearchRows;
  /** Rows among which. */
  readonly points: SearchRows;
}

/** Neighbours of each of the searched queries: rows of the base, -1 for none, and values, NaN for none, (queries.rows * k,). */
export interface Ranked {
  /** Nearest first. */
  readonly neighbours: Int32Array;
  /** Cosine similarity or Euclidean distance. */
  readonly values: Float32Array;
}

/**
 * The best k of each query's candidates by their true values: in float64, on the rows as they came, ties by row.
 *
 * O(n * width * d).
 */
export function rerank(
  { queries: { data: a, cols }, base: { data: b }, selfOffset, k, metric }:
    RerankOptions,
  { queries, points }: Searched,
  places: Places,
): Ranked {
  const n = queries.rows;
  const width = n === 0 ? 0 : places.length / n;
  const neighbours = new Int32Array(n * k).fill(-1);
  const values = new Float32Array(n * k).fill(NaN);
  const isCosine = metric === "cosine";
  const farnesses = new Float64Array(k);
  for (let i = 0; i < n; i++) {
    const query = queries.source[i]!;
    const self = selfOffset === null ? -1 : selfOffset + query;
    const to = i * k;
    let size = 0;
    for (let c = i * width; c < (i + 1) * width; c++) {
      const place = places[c]!;
      if (place < 0) continue;
      const row = points.source[place]!;
      if (row === self) continue;
      const farness = isCosine
        ? -dot(a, query * cols, b, row * cols, cols) /
          (queries.lengths[i]! * points.lengths[place]!)
        : squaredDistance(a, query * cols, b, row * cols, cols);
      let at = size < k ? size++ : k;
      while (
        at > 0 && (farness < farnesses[at - 1]! ||
          (farness === farnesses[at - 1] && row < neighbours[to + at - 1]!))
      ) {
        at--;
        if (at + 1 < k) {
          farnesses[at + 1] = farnesses[at]!;
          neighbours[to + at + 1] = neighbours[to + at]!;
        }
      }
      if (at === k) continue;
      farnesses[at] = farness;
      neighbours[to + at] = row;
    }
    for (let j = 0; j < size; j++) {
      values[to + j] = isCosine
        ? Math.max(-1, Math.min(1, -farnesses[j]!))
        : Math.sqrt(farnesses[j]!);
    }
  }
  return { neighbours, values };
}

/** Four sums, as one would wait for each addition. */
function dot(
  a: Float32Array,
  i: number,
  b: Float32Array,
  j: number,
  cols: number,
): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let c = 0;
  for (; c + 3 < cols; c += 4) {
    s0 += a[i + c]! * b[j + c]!;
    s1 += a[i + c + 1]! * b[j + c + 1]!;
    s2 += a[i + c + 2]! * b[j + c + 2]!;
    s3 += a[i + c + 3]! * b[j + c + 3]!;
  }
  for (; c < cols; c++) s0 += a[i + c]! * b[j + c]!;
  return (s0 + s1) + (s2 + s3);
}

function squaredDistance(
  a: Float32Array,
  i: number,
  b: Float32Array,
  j: number,
  cols: number,
): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let c = 0;
  for (; c + 3 < cols; c += 4) {
    const d0 = a[i + c]! - b[j + c]!;
    const d1 = a[i + c + 1]! - b[j + c + 1]!;
    const d2 = a[i + c + 2]! - b[j + c + 2]!;
    const d3 = a[i + c + 3]! - b[j + c + 3]!;
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  for (; c < cols; c++) s0 += (a[i + c]! - b[j + c]!) ** 2;
  return (s0 + s1) + (s2 + s3);
}
