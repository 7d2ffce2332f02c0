import type { GraphSpec } from "../graphs/onnx.ts";
import { forRowBlocks } from "../graphs/row_blocks.ts";
import type { SessionOptions } from "../graphs/session.ts";
import type { Matrix } from "../kernels/matrix.ts";
import { symmetricEigen } from "../kernels/symmetric_eigen.ts";
import type { EncodeOptions, TextEncoderSession } from "./text_encoder.ts";

/** How the table is made. */
export interface TokenTableOptions extends EncodeOptions, SessionOptions {
  /** Principal components kept at most; default 256. */
  readonly rank?: number;
}

/** Smoothing of the weights: a token this frequent counts half. */
const SMOOTHING = 1e-3;
/** Share of the work that encoding tokens is. */
const ENCODED = 0.6;

/**
 * What an encoder says of each token alone: centred, in the space of the first principal components. Row 0, the unknown token, and the other
 * reserved ones are 0. Deterministic for a device, the signs of components free. About 1 s for 8,000 tokens of 512 numbers on two cores.
 *
 * @param encoder Encoder of single tokens.
 * @param vocabulary Number of tokens, and how many of the first are reserved.
 * @param options Components, progress, signal, device and threads.
 * @returns (size, k), k at most `rank`.
 *
 * @example See {@linkcode tokenMeans}.
 */
export async function tokenTable(
  encoder: TextEncoderSession,
  { size, reserved }: { readonly size: number; readonly reserved: number },
  { rank = 256, onProgress = () => {}, ...options }: TokenTableOptions = {},
): Promise<Matrix> {
  const n = size - reserved;
  const vectors = await encoder.encode(
    Array.from({ length: n }, (_, i) => Int32Array.of(reserved + i)),
    { ...options, onProgress: (fraction) => onProgress(ENCODED * fraction) },
  );
  centre(vectors);
  const { cols } = vectors;
  const k = Math.min(rank, cols);
  const table = new Float32Array(size * k);
  const rows = Int32Array.from({ length: n }, (_, i) => i);
  await forRowBlocks({
    ...options,
    graph: projectionGraph(await principalAxes(vectors, rows, options), k),
    matrix: vectors,
    rows,
  }, ({ projected }, from) => {
    table.set(projected!.data as Float32Array, (reserved + from) * k);
  });
  onProgress(1);
  return { data: table, rows: size, cols: k };
}

/** Subtracts the mean row. */
function centre({ data, rows, cols }: Matrix): void {
  for (let d = 0; d < cols; d++) {
    let sum = 0;
    for (let at = d; at < data.length; at += cols) sum += data[at]!;
    for (let at = d; at < data.length; at += cols) data[at]! -= sum / rows;
  }
}

/** Axes of centred rows, one a row, by falling variance, (width, width). */
async function principalAxes(
  matrix: Matrix,
  rows: Int32Array,
  options: EncodeOptions & SessionOptions,
): Promise<Matrix> {
  const { cols } = matrix;
  const scatter = new Float64Array(cols * cols);
  await forRowBlocks({
    ...options,
    graph: {
      name: "scatter",
      inputs: { rows: ["b", cols] },
      outputs: { scatter: [cols, cols] },
      nodes: [["Gemm", ["rows", "rows"], "scatter", { transA: 1 }]],
    },
    matrix,
    rows,
  }, (sums) => {
    (sums.scatter!.data as Float32Array).forEach((x, i) => scatter[i]! += x);
  });
  const { vectors } = symmetricEigen(scatter, cols);
  return { data: Float32Array.from(vectors), rows: cols, cols };
}

/** `rows` (b, width) -> `projected` (b, k). */
function projectionGraph({ data, cols }: Matrix, k: number): GraphSpec {
  return {
    name: "projection",
    inputs: { rows: ["b", cols] },
    outputs: { projected: ["b", k] },
    initializers: {
      axes: { data: data.subarray(0, k * cols), shape: [k, cols] },
    },
    nodes: [["Gemm", ["rows", "axes"], "projected", { transB: 1 }]],
  };
}

/**
 * Texts as weighted means of their tokens' rows: the weight of a token is `1e-3 / (1e-3 + p)`, p its share of all tokens of these texts.
 *
 * Source: Arora, Liang and Ma (2017), A Simple but Tough-to-Beat Baseline for Sentence Embeddings, ICLR, section 3, with the rows of a
 * contextual encoder and without the removal of the first component.
 *
 * @param table What each token is, (size, k).
 * @param tokens Token ids of each text, (n) sequences.
 * @returns (n, k); a row of NaN for a text without tokens.
 *
 * @example
 * ```ts
 * import { tokenMeans } from "./token_table.ts";
 * import assert from "node:assert/strict";
 *
 * const table = { data: Float32Array.of(0, 1, 3), rows: 3, cols: 1 };
 * const { data } = tokenMeans(table, [Int32Array.of(1, 1, 2, 2), Int32Array.of()]);
 * assert.deepEqual(data, Float32Array.of(2, NaN));
 * ```
 */
export function tokenMeans(
  table: Matrix,
  tokens: readonly Int32Array[],
): Matrix {
  const { data, rows, cols } = table;
  const counts = new Float64Array(rows);
  let total = 0;
  for (const ids of tokens) {
    for (const id of ids) counts[id]!++;
    total += ids.length;
  }
  const weights = counts.map((n) => SMOOTHING / (SMOOTHING + n / total));
  const means = new Float32Array(tokens.length * cols).fill(NaN);
  const sum = new Float64Array(cols);
  tokens.forEach((ids, text) => {
    if (ids.length === 0) return;
    sum.fill(0);
    let weight = 0;
    for (const id of ids) {
      const w = weights[id]!;
      weight += w;
      for (let d = 0; d < cols; d++) sum[d]! += w * data[id * cols + d]!;
    }
    means.set(sum.map((s) => s / weight), text * cols);
  });
  return { data: means, rows: tokens.length, cols };
}
