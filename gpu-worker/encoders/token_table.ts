import type { Matrix } from "../kernels/matrix.ts";
import { symmetricEigen } from "../kernels/symmetric_eigen.ts";
import type { EncodeOptions, TextEncoderSession } from "./text_encoder.ts";

/** How the table is made. */
export interface TokenTableOptions extends EncodeOptions {
  /** Principal components kept at most; default 256. */
  readonly rank?: number;
}

/** Smoothing of the weights: a token this frequent counts half. */
const SMOOTHING = 1e-3;

/**
 * What an encoder says of each token alone: centred, in the space of the first principal components. Row 0, the unknown token, and the other
 * reserved ones are 0.
 *
 * @param encoder Encoder of single tokens.
 * @param vocabulary Number of tokens, and how many of the first are reserved.
 * @param options Components, progress, signal.
 * @returns (size, k), k at most `rank`.
 */
export async function tokenTable(
  encoder: TextEncoderSession,
  { size, reserved }: { readonly size: number; readonly reserved: number },
  { rank = 256, ...options }: TokenTableOptions = {},
): Promise<Matrix> {
  const n = size - reserved;
  const { data, cols } = await encoder.encode(
    Array.from({ length: n }, (_, i) => Int32Array.of(reserved + i)),
    options,
  );
  const mean = new Float64Array(cols);
  data.forEach((value, i) => mean[i % cols]! += value / n);
  const covariance = new Float64Array(cols * cols);
  const row = new Float64Array(cols);
  for (let start = 0; start < data.length; start += cols) {
    for (let d = 0; d < cols; d++) row[d] = data[start + d]! - mean[d]!;
    for (let i = 0; i < cols; i++) {
      for (let j = 0; j < cols; j++) {
        covariance[i * cols + j]! += row[i]! * row[j]!;
      }
    }
  }
  const { vectors } = symmetricEigen(covariance, cols);
  const k = Math.min(rank, cols);
  const table = new Float32Array(size * k);
  for (let token = 0; token < n; token++) {
    for (let c = 0; c < k; c++) {
      let sum = 0;
      for (let d = 0; d < cols; d++) {
        sum += (data[token * cols + d]! - mean[d]!) * vectors[c * cols + d]!;
      }
      table[(reserved + token) * k + c] = sum;
    }
  }
  return { data: table, rows: size, cols: k };
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
