import type { Matrix } from "../kernels/matrix.ts";

/** Features of all samples as one matrix. */
export interface Columns {
  /** As they are, infinite where float32 ends; rows of NaN where a sample has none, or others, (n, width). */
  readonly matrix: Matrix;
  /** Samples whose features have another width. */
  readonly nOtherWidth: number;
}

/**
 * The `features` of samples as they are. Their width is the most common one; of equally common ones the first met.
 *
 * @param features Numbers of each sample, null without, (n,).
 * @returns Null if no sample has any.
 *
 * @example
 * ```ts
 * import { columnsOf } from "./columns.ts";
 * import assert from "node:assert/strict";
 *
 * const columns = columnsOf([[1, 2], null, [3, 4], [5]]);
 * assert.deepEqual(columns!.matrix.data, Float32Array.of(1, 2, NaN, NaN, 3, 4, NaN, NaN));
 * assert.equal(columns!.nOtherWidth, 1);
 * ```
 */
export function columnsOf(
  features: readonly (ArrayLike<number> | null)[],
): Columns | null {
  const widths = new Map<number, number>();
  for (const row of features) {
    if (row === null || row.length === 0) continue;
    widths.set(row.length, (widths.get(row.length) ?? 0) + 1);
  }
  let [width, most, nFeatures] = [0, 0, 0];
  for (const [candidate, count] of widths) {
    nFeatures += count;
    if (count > most) [width, most] = [candidate, count];
  }
  if (width === 0) return null;
  const data = new Float32Array(features.length * width).fill(NaN);
  features.forEach((row, i) => {
    if (row?.length === width) data.set(row, i * width);
  });
  return {
    matrix: { data, rows: features.length, cols: width },
    nOtherWidth: nFeatures - most,
  };
}
