import { endDigits, endsOf } from "./_knn_ends.ts";
import { type SearchRows, stretch } from "./_knn_rows.ts";
import { type Search, sessionOptions } from "./_knn_scores.ts";
import {
  BYTE_ZERO,
  coordinateRange,
  QUERY_LEVELS,
  turnGraph,
  turnOf,
} from "./_knn_turn.ts";
import { type GraphSession, openSession } from "./session.ts";

const BLOCK_ROWS = 512;
/** Rows of a piece of the base. */
export const SHARD_ROWS = 32_768;

/** Rows as bytes, whose products grow with nearness. */
export interface ByteRows {
  /** Width of both. */
  readonly cols: number;
  /** Around 128, (n, cols). */
  readonly queries: Uint8Array;
  /** Pieces of {@linkcode SHARD_ROWS} rows, each (cols, rows). */
  readonly base: readonly Int8Array[];
}

/**
 * Moves rows to their mean and turns them at random, so that coordinates need little range and none more than another, and rounds them: queries to
 * 8 bits, the base to 7. A score is then the product and a number of the point, its end: half its squared length, negative, of a Euclidean one;
 * `mean . point` of a cosine, as `q . p = (q - mean) . (p - mean) + mean . p`, and a number that is the same for all points. Ends are written
 * in digits of base 127, each in a column of its own, where queries have 127.
 */
export async function byteRows(search: Search): Promise<ByteRows> {
  const { queries, points, metric, signal } = search;
  const options = sessionOptions(search);
  const turn = turnOf(points, metric);
  const { width } = turn;
  const range = await coordinateRange(search, turn);
  const ends = endDigits(endsOf(points, turn), range);
  const cols = width + ends.nDigits;
  const asQueries = new Uint8Array(queries.rows * cols).fill(
    BYTE_ZERO + QUERY_LEVELS,
  );
  for (let i = 0; i < queries.rows; i++) {
    asQueries[(i + 1) * cols - 1] = BYTE_ZERO + 1;
  }
  const base: Int8Array[] = [];
  const session = await openSession(
    turnGraph(turn, range),
    options,
  );
  const isSame = queries === points;
  try {
    for (let from = 0; from < points.rows; from += SHARD_ROWS) {
      const rows = Math.min(SHARD_ROWS, points.rows - from);
      const piece = new Int8Array(cols * rows);
      ends.write(from, rows, piece.subarray(width * rows));
      base.push(piece);
    }
    await forBlocks(session, points, (query, turned, from, to) => {
      const piece = base[Math.floor(from / SHARD_ROWS)]!;
      const rows = piece.length / cols;
      for (let j = 0; j < width; j++) {
        piece.set(
          turned.subarray(j * (to - from), (j + 1) * (to - from)),
          j * rows + from % SHARD_ROWS,
        );
      }
      if (isSame) putQueries(query, from, to);
    });
    if (!isSame) {
      await forBlocks(
        session,
        queries,
        (query, _, from, to) => putQueries(query, from, to),
      );
    }
  } finally {
    await session.release();
  }
  return { cols, queries: asQueries, base };

  function putQueries(query: Uint8Array, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const start = (i - from) * width;
      asQueries.set(query.subarray(start, start + width), i * cols);
    }
  }

  async function forBlocks(
    session: GraphSession,
    rows: SearchRows,
    take: (
      query: Uint8Array,
      base: Int8Array,
      from: number,
      to: number,
    ) => void,
  ): Promise<void> {
    for (let from = 0; from < rows.rows; from += BLOCK_ROWS) {
      signal?.throwIfAborted();
      const block = stretch(rows, from, from + BLOCK_ROWS);
      const { query, base } = await session.run({
        row: { data: block.data, shape: [block.rows, block.cols] },
      });
      take(
        query!.data as Uint8Array,
        base!.data as Int8Array,
        from,
        from + block.rows,
      );
    }
  }
}
