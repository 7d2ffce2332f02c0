import type { Matrix } from "./matrix.ts";

/** Class probabilities of many samples, made row by row as they are asked for: nobody need hold n_samples * n_classes of them. */
export interface ProbRows {
  /** Number of samples. */
  readonly rows: number;
  /** Number of classes. */
  readonly cols: number;
  /** Writes a row to the first `cols` places of `out`; NaN throughout where it is unknown. */
  read(row: number, out: Float32Array): void;
  /** One probability of a row; NaN where it is unknown. */
  get(row: number, label: number): number;
  /**
   * Adds a row, times `weight`, to `out`, (cols,), but for what all classes get alike, which is returned: the caller adds that to each, once for many
   * rows. Of an unknown row nothing is added, and NaN is returned.
   */
  addTo(row: number, weight: number, out: Float64Array): number;
}

/** Probabilities that are held, or made as they are asked for; unknown rows are NaN from their first column on. */
export type Probs = Matrix | ProbRows;

/**
 * Probabilities by row, however they are kept.
 *
 * @param probs A matrix, which is shared, or rows, which are returned.
 *
 * @example
 * ```ts
 * import { probRows } from "./prob_rows.ts";
 * import assert from "node:assert/strict";
 *
 * const rows = probRows({ data: Float32Array.of(1, 0, 0.25, 0.75), rows: 2, cols: 2 });
 * assert.equal(rows.get(1, 1), 0.75);
 * ```
 */
export function probRows(probs: Probs): ProbRows {
  if (!("data" in probs)) return probs;
  const { data, rows, cols } = probs;
  return {
    rows,
    cols,
    read(row, out) {
      const start = row * cols;
      for (let k = 0; k < cols; k++) out[k] = data[start + k]!;
    },
    get: (row, label) => data[row * cols + label]!,
    addTo(row, weight, out) {
      const start = row * cols;
      if (Number.isNaN(data[start]!)) return NaN;
      for (let k = 0; k < cols; k++) out[k]! += weight * data[start + k]!;
      return 0;
    },
  };
}

/**
 * Probabilities as a matrix: n_samples * n_classes, for what needs all of them at once.
 *
 * @param probs A matrix, which is returned, or rows.
 */
export function probMatrix(probs: Probs): Matrix {
  if ("data" in probs) return probs;
  const { rows, cols } = probs;
  const data = new Float32Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    probs.read(row, data.subarray(row * cols, (row + 1) * cols));
  }
  return { data, rows, cols };
}

/**
 * Some rows, as they are in all.
 *
 * @param all All of them.
 * @param start The first.
 * @param end The one after the last.
 */
export function probRowsBetween(
  all: Probs,
  start: number,
  end: number,
): ProbRows {
  const { cols, read, get, addTo } = probRows(all);
  return {
    rows: end - start,
    cols,
    read: (row, out) => read(start + row, out),
    get: (row, label) => get(start + row, label),
    addTo: (row, weight, out) => addTo(start + row, weight, out),
  };
}

/**
 * Rows one below the other.
 *
 * @param parts Of `cols` classes each; one alone is returned.
 * @param cols Number of classes.
 */
export function joinedProbRows(
  parts: readonly Probs[],
  cols: number,
): ProbRows {
  const sources = parts.map(probRows);
  if (sources.length === 1) return sources[0]!;
  const starts: number[] = [];
  let rows = 0;
  for (const source of sources) {
    starts.push(rows);
    rows += source.rows;
  }
  const partOf = (row: number) => {
    let part = starts.length - 1;
    while (row < starts[part]!) part--; // the last of those that begin there: a part without rows has none
    return part;
  };
  return {
    rows,
    cols,
    read(row, out) {
      const part = partOf(row);
      sources[part]!.read(row - starts[part]!, out);
    },
    get(row, label) {
      const part = partOf(row);
      return sources[part]!.get(row - starts[part]!, label);
    },
    addTo(row, weight, out) {
      const part = partOf(row);
      return sources[part]!.addTo(row - starts[part]!, weight, out);
    },
  };
}
