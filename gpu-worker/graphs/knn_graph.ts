import type { Matrix } from "../kernels/matrix.ts";
import {
  candidateGraph,
  EXCLUDED,
  meanRow,
  searchable,
} from "./_knn_candidates.ts";
import { type Device, openSession } from "./session.ts";

/** Neighbours of every query; see {@linkcode knnGraph}. */
export interface KnnGraph {
  /** Places a row; the last ones are empty where there are fewer neighbours. */
  readonly k: number;
  /** Row of each neighbour in `base`, nearest first; -1 for an empty place, (n * k,). */
  readonly neighbours: Int32Array;
  /** Cosine similarity, descending, or Euclidean distance, ascending; NaN in an empty place, (n * k,). */
  readonly values: Float32Array;
}

/** What to search, and how. */
export interface KnnGraphOptions {
  /** Rows to find neighbours for, (n, d). */
  readonly queries: Matrix;
  /** Rows to find them among, (m, d). */
  readonly base: Matrix;
  /** Row of the first query in `base`: query i is base row `selfOffset + i` and not its own neighbour. Null: queries are not in `base`. */
  readonly selfOffset: number | null;
  /** Neighbours wanted, at least 1. */
  readonly k: number;
  /** What near means. */
  readonly metric: "cosine" | "euclidean";
  /** Default `cpu`. */
  readonly device?: Device;
  /** CPU threads; default 2. */
  readonly threads?: number;
  /** Ends the search between two blocks. */
  readonly signal?: AbortSignal;
  /** Called after each block with the share done, in (0, 1]. */
  readonly onProgress?: (fraction: number) => void;
}

/** Fixed, so that the same input gives the same output on any number of workers. */
const BLOCK_ROWS = 512;
const SHARD_ROWS = 65_536;
const SHARD_BYTES = 2 ** 27;
/** Float32 scores pick candidates; these are more than k, so that rounding at the edge costs nothing. */
const SPARE_CANDIDATES = 4;

/**
 * Exact k nearest neighbours, self left out.
 *
 * Blocks of 512 queries are multiplied with the base matrix on the device, and
 * only the best candidates leave the graph; their values are then computed
 * again in float64 and sorted by value, then by row, so that near duplicates
 * get true distances and ties are stable. A row with a non-finite value, and
 * for cosine a zero vector, has no neighbours and is nobody's. Exact duplicates
 * of a row are its neighbours, however many.
 *
 * O(n * m * d) on the device, O(n * k * d) here; memory O((n + m) * d + n * k),
 * no n x m matrix. The base matrix goes in shards of at most 128 MiB and 65,536
 * rows, so the 2 GiB limit of a protobuf is never met.
 * Deterministic for one class of device.
 *
 * @param options What to search, and how.
 * @returns Neighbours and their values.
 * @throws {RangeError} If widths differ, k is below 1, or `selfOffset` puts a query outside `base`.
 * @throws The reason of `signal`, if it aborts.
 *
 * @example
 * ```ts
 * import { knnGraph } from "./knn_graph.ts";
 * import assert from "node:assert/strict";
 *
 * const base = { data: Float32Array.of(0, 1, 5), rows: 3, cols: 1 };
 * const graph = await knnGraph({ queries: base, base, selfOffset: 0, k: 1, metric: "euclidean" });
 * assert.deepEqual(graph.neighbours, Int32Array.of(1, 0, 1));
 * assert.deepEqual(graph.values, Float32Array.of(1, 1, 4));
 * ```
 */
export async function knnGraph(options: KnnGraphOptions): Promise<KnnGraph> {
  const { base, k, metric, signal } = options;
  checkShapes(options);
  const origin = metric === "euclidean" ? meanRow(base) : null;
  const points = searchable(base, origin);
  const queries = options.queries === base
    ? points
    : searchable(options.queries, origin);
  const width = Math.min(k + SPARE_CANDIDATES + 1, base.rows);
  const nQueries = queries.rows;
  const candidates = new Int32Array(nQueries * width).fill(-1);
  const scores = new Float32Array(nQueries * width).fill(-Infinity);

  const shardRows = Math.max(
    1,
    Math.min(SHARD_ROWS, Math.floor(SHARD_BYTES / 4 / Math.max(1, base.cols))),
  );
  const nSteps = Math.ceil(base.rows / shardRows) *
    Math.ceil(nQueries / BLOCK_ROWS);
  let step = 0;
  for (let from = 0; from < base.rows && nQueries > 0; from += shardRows) {
    signal?.throwIfAborted();
    const to = Math.min(from + shardRows, base.rows);
    const top = Math.min(width, to - from);
    const session = await openSession(
      candidateGraph(points, from, to, top, metric),
      {
        ...(options.device && { device: options.device }),
        ...(options.threads && { threads: options.threads }),
      },
    );
    try {
      for (let row = 0; row < nQueries; row += BLOCK_ROWS) {
        signal?.throwIfAborted();
        const end = Math.min(row + BLOCK_ROWS, nQueries);
        const data = queries.data.subarray(row * base.cols, end * base.cols);
        const { score, index } = await session.run({
          query: { data, shape: [end - row, base.cols] },
        });
        for (let i = row; i < end; i++) {
          const start = (i - row) * top;
          const best = score!.data.subarray(start, start + top);
          const rows = index!.data.subarray(start, start + top);
          merge(best as Float32Array, rows as Int32Array, from, i * width);
        }
        options.onProgress?.(++step / nSteps);
      }
    } finally {
      await session.release();
    }
  }
  return rerank(options, queries.isUsable, candidates, width);

  /** Merges one row's candidates of a shard into the best so far; both descend. */
  function merge(
    best: Float32Array,
    rows: Int32Array,
    from: number,
    start: number,
  ) {
    if (from === 0) { // the first shard: nothing to merge with
      best.forEach((score, j) => {
        if (!(score > EXCLUDED / 2)) return;
        scores[start + j] = score;
        candidates[start + j] = rows[j]!;
      });
      return;
    }
    const oldScores = scores.slice(start, start + width);
    const oldRows = candidates.slice(start, start + width);
    let a = 0;
    let b = 0;
    for (let j = start; j < start + width; j++) {
      const score = b < best.length && best[b]! > EXCLUDED / 2
        ? best[b]!
        : -Infinity;
      if (oldScores[a]! >= score) {
        scores[j] = oldScores[a]!;
        candidates[j] = oldRows[a++]!;
      } else {
        scores[j] = score;
        candidates[j] = rows[b++]! + from;
      }
    }
  }
}

/** True values of the candidates, in float64 on the rows as they came, and the best k of them. */
function rerank(
  { queries, base, k, metric, selfOffset }: KnnGraphOptions,
  isUsable: Uint8Array,
  candidates: Int32Array,
  width: number,
): KnnGraph {
  const { cols } = queries;
  const neighbours = new Int32Array(queries.rows * k).fill(-1);
  const values = new Float32Array(queries.rows * k).fill(NaN);
  for (let i = 0; i < queries.rows; i++) {
    if (!isUsable[i]) continue;
    const self = selfOffset === null ? -1 : selfOffset + i;
    const found: [farness: number, row: number][] = [];
    for (let c = i * width; c < (i + 1) * width; c++) {
      const row = candidates[c]!;
      if (row < 0 || row === self) continue;
      let dot = 0;
      let squares = 0;
      let baseSquares = 0;
      for (let j = 0; j < cols; j++) {
        const a = queries.data[i * cols + j]!;
        const b = base.data[row * cols + j]!;
        dot += a * b;
        squares += metric === "cosine" ? a * a : (a - b) ** 2;
        baseSquares += b * b;
      }
      const farness = metric === "cosine"
        ? -dot / Math.sqrt(squares * baseSquares)
        : Math.sqrt(squares);
      found.push([farness, row]);
    }
    found.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    found.slice(0, k).forEach(([farness, row], j) => {
      neighbours[i * k + j] = row;
      values[i * k + j] = metric === "cosine"
        ? Math.max(-1, Math.min(1, -farness))
        : farness;
    });
  }
  return { k, neighbours, values };
}

function checkShapes({ queries, base, selfOffset, k }: KnnGraphOptions): void {
  if (!(k >= 1) || !Number.isInteger(k)) {
    throw new RangeError(
      `Cannot build kNN graph as k must be a positive integer: current value is ${k}`,
    );
  }
  if (queries.cols !== base.cols) {
    throw new RangeError(
      `Cannot build kNN graph as queries.cols must equal base.cols: got ${queries.cols} and ${base.cols}`,
    );
  }
  if (
    selfOffset !== null &&
    (selfOffset < 0 || selfOffset + queries.rows > base.rows)
  ) {
    throw new RangeError(
      `Cannot build kNN graph as queries must lie in base: selfOffset is ${selfOffset}, rows ${queries.rows} and ${base.rows}`,
    );
  }
}
