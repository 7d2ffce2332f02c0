import { type SearchRows, stretch } from "./_knn_rows.ts";
import {
  bestOf,
  BestPlaces,
  type Places,
  scoreGraph,
  type Search,
  sessionOptions,
} from "./_knn_scores.ts";
import { openSession } from "./session.ts";

/** Fixed, so that the same input gives the same output on any number of workers. */
const BLOCK_ROWS = 512;
const SHARD_ROWS = 32_768;
const PIECE_ROWS = 8192;
const SHARD_BYTES = 2 ** 27;

/**
 * Candidates by the products of all with all, in float32. The base goes in shards of at most 128 MiB and 32,768 rows, so that the 2 GiB limit of
 * a protobuf is never met; each stays on the device while all blocks of queries pass.
 */
export async function exactCandidates(search: Search): Promise<Places> {
  const { queries, points, width, metric, signal, onProgress } = search;
  const best = new BestPlaces(queries.rows, width);
  const shardRows = shardRowsOf(points);
  const nSteps = Math.ceil(points.rows / shardRows) *
    Math.ceil(queries.rows / BLOCK_ROWS);
  let step = 0;
  for (let from = 0; from < points.rows && nSteps > 0; from += shardRows) {
    signal?.throwIfAborted();
    const base = stretch(points, from, from + shardRows);
    const top = Math.min(width, base.rows);
    const session = await openSession(
      scoreGraph(points.cols, metric, { base, top }),
      sessionOptions(search),
    );
    try {
      for (let row = 0; row < queries.rows; row += BLOCK_ROWS) {
        signal?.throwIfAborted();
        const end = Math.min(row + BLOCK_ROWS, queries.rows);
        const { score, index } = await bestOf(session, queries, row, end);
        for (let i = row; i < end; i++) {
          best.add(i, score, index, (i - row) * top, top, (j) => from + j);
        }
        onProgress?.(++step / nSteps);
      }
    } finally {
      await session.release();
    }
  }
  return best.places;
}

/** The same for a few queries: the base comes to them piece by piece. */
export async function exactCandidatesOfFew(search: Search): Promise<Places> {
  const { queries, points, width, metric, signal, onProgress } = search;
  const best = new BestPlaces(queries.rows, width);
  const session = await openSession(
    scoreGraph(points.cols, metric, null),
    sessionOptions(search),
  );
  try {
    for (let from = 0; from < points.rows; from += PIECE_ROWS) {
      signal?.throwIfAborted();
      const base = stretch(points, from, from + PIECE_ROWS);
      const top = Math.min(width, base.rows);
      const { score, index } = await bestOf(session, queries, 0, queries.rows, {
        base,
        top,
      });
      for (let i = 0; i < queries.rows; i++) {
        best.add(i, score, index, i * top, top, (j) => from + j);
      }
      onProgress?.((from + base.rows) / points.rows);
    }
  } finally {
    await session.release();
  }
  return best.places;
}

function shardRowsOf({ cols }: SearchRows): number {
  const fitting = Math.floor(SHARD_BYTES / 4 / Math.max(1, cols));
  return Math.max(1, Math.min(SHARD_ROWS, fitting));
}
