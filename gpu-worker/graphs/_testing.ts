import type { Matrix } from "../kernels/matrix.ts";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import type { KnnGraphOptions } from "./knn_graph.ts";

/** Numbers around 0. */
export function randomMatrix(rows: number, cols: number, seed: number): Matrix {
  const random = seededRandom(seed);
  const data = Float32Array.from({ length: rows * cols }, () => random() - 0.4);
  return { data, rows, cols };
}

/** Points around some centres, `spread` as far from them as centres from each other. */
export function clusteredMatrix(
  rows: number,
  cols: number,
  nClusters: number,
  spread: number,
  seed: number,
): Matrix {
  const normal = seededNormal(seed);
  const centres = Float32Array.from(
    { length: nClusters * cols },
    () => normal(),
  );
  const data = Float32Array.from(
    { length: rows * cols },
    (_, i) =>
      centres[(Math.floor(i / cols) % nClusters) * cols + i % cols]! +
      spread * normal(),
  );
  return { data, rows, cols };
}

/** Some rows put out of order: NaN, infinite, all zero, copies of another. */
export function withOddRows({ data, rows, cols }: Matrix): Matrix {
  const odd = data.slice();
  const row = (i: number) => odd.subarray(i * cols, (i + 1) * cols);
  row(1)[0] = NaN;
  row(Math.floor(rows / 2))[cols - 1] = -Infinity;
  row(2).fill(0);
  row(rows - 1).fill(0);
  for (let copy = 5; copy < 9; copy++) row(copy).set(row(4));
  return { data: odd, rows, cols };
}

/** All compared with all, in float64, by the rules of `knnGraph()`. */
export function slowGraph(
  { queries, base, selfOffset, k, metric }: KnnGraphOptions,
): { neighbours: Int32Array; values: Float32Array } {
  const neighbours = new Int32Array(queries.rows * k).fill(-1);
  const values = new Float32Array(queries.rows * k).fill(NaN);
  for (let i = 0; i < queries.rows; i++) {
    const all: { row: number; value: number }[] = [];
    for (let row = 0; row < base.rows; row++) {
      if (selfOffset !== null && row === selfOffset + i) continue;
      let dot = 0;
      let ownSquares = 0;
      let squares = 0;
      let distance = 0;
      for (let j = 0; j < base.cols; j++) {
        const a = queries.data[i * base.cols + j]!;
        const b = base.data[row * base.cols + j]!;
        dot += a * b;
        ownSquares += a * a;
        squares += b * b;
        distance += (a - b) ** 2;
      }
      const value = metric === "cosine"
        ? dot / Math.sqrt(ownSquares * squares)
        : Math.sqrt(distance);
      if (Number.isFinite(value)) all.push({ row, value });
    }
    const sign = metric === "cosine" ? -1 : 1;
    all.sort((a, b) => sign * (a.value - b.value) || a.row - b.row);
    all.slice(0, k).forEach(({ row, value }, j) => {
      neighbours[i * k + j] = row;
      values[i * k + j] = value;
    });
  }
  return { neighbours, values };
}

/** Share of places whose values differ, or of which only one is empty. */
export function shareOfOthers(
  actual: Float32Array,
  expected: Float32Array,
): number {
  const others = expected.filter((value, i) =>
    Number.isNaN(value)
      ? !Number.isNaN(actual[i]!)
      : !(Math.abs(actual[i]! - value) < 1e-6)
  );
  return others.length / Math.max(1, expected.length);
}
