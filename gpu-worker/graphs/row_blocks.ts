import type { Matrix } from "../kernels/matrix.ts";
import type { GraphSpec } from "./onnx.ts";
import {
  openSession,
  type SessionOptions,
  type TensorData,
} from "./session.ts";

/** Fixed, so that the same input gives the same output on any number of workers. */
const BLOCK_ROWS = 1024;

/** What to run on which rows. */
export interface RowBlocksOptions extends SessionOptions {
  /** Takes `rows` (b, cols), and what `inputs` gives. */
  readonly graph: GraphSpec;
  /** (n, cols). */
  readonly matrix: Matrix;
  /** Rows of `matrix` to run on, in this order, (m,). */
  readonly rows: Int32Array;
  /** Further inputs of rows `from..to-1` of `rows`. */
  readonly inputs?: (from: number, to: number) => Record<string, TensorData>;
  /** Ends the work between two blocks. */
  readonly signal?: AbortSignal;
  /** Called after each block with the share done, in (0, 1]. */
  readonly onProgress?: (fraction: number) => void;
}

/**
 * Runs a graph on blocks of 1,024 rows of a matrix, one after the other.
 *
 * @param options What to run on which rows.
 * @param take Takes the outputs of rows `from..to-1` of `rows`.
 * @throws The reason of `signal`, if it aborts.
 *
 * @example
 * ```ts
 * import { forRowBlocks } from "./row_blocks.ts";
 * import assert from "node:assert/strict";
 *
 * const sums: number[] = [];
 * await forRowBlocks({
 *   graph: {
 *     name: "sum",
 *     inputs: { rows: ["b", 2] },
 *     outputs: { sum: ["b", 1] },
 *     nodes: [["ReduceSum", ["rows"], "sum", { keepdims: 0 }]],
 *   },
 *   matrix: { data: Float32Array.of(1, 2, 3, 4), rows: 2, cols: 2 },
 *   rows: Int32Array.of(1),
 * }, ({ sum }) => sums.push(Number(sum!.data[0])));
 * assert.deepEqual(sums, [7]);
 * ```
 */
export async function forRowBlocks(
  { graph, matrix, rows, inputs, signal, onProgress, ...session }:
    RowBlocksOptions,
  take: (outputs: Record<string, TensorData>, from: number, to: number) => void,
): Promise<void> {
  const { data, cols } = matrix;
  signal?.throwIfAborted();
  if (rows.length === 0) return;
  const block = new Float32Array(Math.min(BLOCK_ROWS, rows.length) * cols);
  const opened = await openSession(graph, session);
  try {
    for (let from = 0; from < rows.length; from += BLOCK_ROWS) {
      signal?.throwIfAborted();
      const to = Math.min(from + BLOCK_ROWS, rows.length);
      for (let i = from; i < to; i++) {
        const start = rows[i]! * cols;
        block.set(data.subarray(start, start + cols), (i - from) * cols);
      }
      const outputs = await opened.run({
        rows: {
          data: block.subarray(0, (to - from) * cols),
          shape: [to - from, cols],
        },
        ...inputs?.(from, to),
      });
      take(outputs, from, to);
      onProgress?.(to / rows.length);
    }
  } finally {
    await opened.release();
  }
}
