import { openSession, type SessionOptions } from "../graphs/session.ts";
import type { Matrix } from "../kernels/matrix.ts";

/** Tokens of a text that an encoder reads; those after them are cut. */
export const MOST_TOKENS = 128;
/** What one run of the graph takes at most; more is no faster. */
const BATCH_TOKENS = 4096;
const BATCH_SEQUENCES = 512;

/** How a batch run goes on. */
export interface EncodeOptions {
  /** Called with the share done after each batch, in (0, 1]. */
  readonly onProgress?: (fraction: number) => void;
  /** Ends the work between two batches. */
  readonly signal?: AbortSignal;
}

/** An encoder of token sequences, open. */
export interface TextEncoderSession {
  /**
   * One vector for each sequence, whatever it is encoded with but for rounding; a row of NaN for an empty one.
   *
   * @param tokens Ids, (n) sequences.
   * @returns (n, width).
   */
  encode(
    tokens: readonly Int32Array[],
    options?: EncodeOptions,
  ): Promise<Matrix>;
  /** Frees native memory. */
  release(): Promise<void>;
}

/**
 * Opens a text encoder.
 *
 * Contract of the ONNX file: inputs `input_ids` and `attention_mask`, int64 (b, t) with t at most 128 → output `embedding`, float32
 * (b, width). Sequences are encoded in batches of at most 4,096 tokens, by length, so that little is padded. Deterministic for a device.
 *
 * @param model The ONNX file.
 * @param options Device and threads.
 * @throws {Error} If the file cannot be loaded.
 *
 * @example
 * ```ts
 * import { encodeGraph } from "../graphs/onnx.ts";
 * import { openTextEncoder } from "./text_encoder.ts";
 * import assert from "node:assert/strict";
 *
 * const ids = { type: "int64" as const, shape: ["b", "t"] };
 * const encoder = await openTextEncoder(encodeGraph({
 *   name: "sum_of_ids",
 *   inputs: { input_ids: ids, attention_mask: ids },
 *   outputs: { embedding: ["b", 1] },
 *   initializers: { axes: { data: BigInt64Array.of(1n), shape: [1] } },
 *   nodes: [
 *     ["Mul", ["input_ids", "attention_mask"], "met"],
 *     ["ReduceSum", ["met", "axes"], "sum"],
 *     ["Cast", ["sum"], "embedding", { to: 1 }],
 *   ],
 * }));
 * const { data } = await encoder.encode([Int32Array.of(7, 8), Int32Array.of(9)]);
 * assert.deepEqual(data, Float32Array.of(15, 9));
 * await encoder.release();
 * ```
 */
export async function openTextEncoder(
  model: Uint8Array,
  options: SessionOptions = {},
): Promise<TextEncoderSession> {
  const session = await openSession(model, options);

  async function encodeBatch(batch: readonly Int32Array[]): Promise<Matrix> {
    const b = batch.length;
    const t = batch.reduce((most, ids) => Math.max(most, ids.length), 0);
    const ids = new BigInt64Array(b * t);
    const mask = new BigInt64Array(b * t);
    batch.forEach((sequence, row) =>
      sequence.forEach((id, place) => {
        ids[row * t + place] = BigInt(id);
        mask[row * t + place] = 1n;
      })
    );
    const { embedding } = await session.run({
      input_ids: { data: ids, shape: [b, t] },
      attention_mask: { data: mask, shape: [b, t] },
    });
    const [rows, cols] = embedding?.shape ?? [];
    if (rows !== b || !cols || !(embedding!.data instanceof Float32Array)) {
      throw new RangeError(
        `Cannot encode text as the model's output "embedding" must be float32 (${b}, width): current value is (${
          embedding?.shape ?? "none"
        })`,
      );
    }
    return { data: embedding!.data, rows, cols };
  }

  return {
    async encode(tokens, { onProgress, signal } = {}) {
      const cut = tokens.map((ids) => ids.subarray(0, MOST_TOKENS));
      const order = [...cut.keys()].filter((i) => cut[i]!.length > 0)
        .sort((a, b) => cut[a]!.length - cut[b]!.length || a - b);
      let data = new Float32Array(0);
      let width = 0;
      let end = 0;
      for (let start = 0; start < order.length; start = end) {
        signal?.throwIfAborted();
        end++;
        while (
          end < order.length && end - start < BATCH_SEQUENCES &&
          (end + 1 - start) * cut[order[end]!]!.length <= BATCH_TOKENS
        ) end++;
        const rows = order.slice(start, end);
        const vectors = await encodeBatch(rows.map((row) => cut[row]!));
        if (start === 0) {
          width = vectors.cols;
          data = new Float32Array(tokens.length * width).fill(NaN);
        }
        rows.forEach((row, i) =>
          data.set(
            vectors.data.subarray(i * width, (i + 1) * width),
            row * width,
          )
        );
        onProgress?.(end / order.length);
      }
      return { data, rows: tokens.length, cols: width };
    },
    release: () => session.release(),
  };
}
