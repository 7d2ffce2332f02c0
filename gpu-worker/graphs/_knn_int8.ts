import { type ByteRows, SHARD_ROWS } from "./_knn_bytes.ts";
import {
  BestPlaces,
  type Places,
  type Search,
  sessionOptions,
} from "./_knn_scores.ts";
import { BYTE_ZERO } from "./_knn_turn.ts";
import type { GraphSpec } from "./onnx.ts";
import { openSession } from "./session.ts";

const BLOCK_ROWS = 512;

/**
 * Candidates, the best first, by the products of all with all in bytes: integers, so that every processor gives the same. A third of the time
 * of products in float32 where the processor has VNNI; more candidates are needed.
 *
 * @param search What to search.
 * @param bytes Its rows.
 */
export async function int8Candidates(
  search: Search,
  bytes: ByteRows,
): Promise<Places> {
  const { queries, width, signal, onProgress } = search;
  const { cols } = bytes;
  const best = new BestPlaces(queries.rows, width);
  const nSteps = bytes.base.length * Math.ceil(queries.rows / BLOCK_ROWS);
  let step = 0;
  for (const [piece, base] of bytes.base.entries()) {
    signal?.throwIfAborted();
    const from = piece * SHARD_ROWS;
    const top = Math.min(width, base.length / cols);
    const session = await openSession(
      byteScoreGraph(base, cols, top),
      sessionOptions(search),
    );
    try {
      for (let row = 0; row < queries.rows; row += BLOCK_ROWS) {
        signal?.throwIfAborted();
        const end = Math.min(row + BLOCK_ROWS, queries.rows);
        const data = bytes.queries.subarray(row * cols, end * cols);
        const { score, index } = await session.run({
          query: { data, shape: [end - row, cols] },
        });
        const scores = score!.data as Int32Array;
        const places = index!.data as Int32Array;
        for (let i = row; i < end; i++) {
          best.add(i, scores, places, (i - row) * top, top, (j) => from + j);
        }
        onProgress?.(++step / nSteps);
      }
    } finally {
      await session.release();
    }
  }
  return best.places;
}

/** Best rows of `base` (cols, m): `query` (b, cols) around 128 -> `score` (b, top) descending, `index` (b, top). */
function byteScoreGraph(
  base: Int8Array,
  cols: number,
  top: number,
): GraphSpec {
  return {
    name: "knn_byte_scores",
    inputs: { query: { type: "uint8", shape: ["b", cols] } },
    outputs: {
      score: { type: "int32", shape: ["b", top] },
      index: { type: "int32", shape: ["b", top] },
    },
    initializers: {
      base: { data: base, shape: [cols, base.length / cols] },
      zero: { data: Uint8Array.of(BYTE_ZERO), shape: [] },
      k: { data: BigInt64Array.of(BigInt(top)), shape: [1] },
    },
    nodes: [
      ["MatMulInteger", ["query", "base", "zero"], "scores"], // (b, m)
      ["TopK", ["scores", "k"], ["score", "index64"], { axis: 1 }], // (b, top)
      ["Cast", ["index64"], "index", { to: 6 }], // int32
    ],
  };
}
