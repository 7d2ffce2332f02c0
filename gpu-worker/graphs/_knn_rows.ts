import type { Matrix } from "../kernels/matrix.ts";

/** Products of rows below it do not overflow. */
const MAX_SQUARES = 1e38;

/** What near means. */
export type Metric = "cosine" | "euclidean";

/**
 * Rows that have neighbours, ready to be multiplied: the nearer two are, the greater is their product.
 *
 * Cosine: of length 1. Euclidean: moved to an origin, as float32 products lose the small differences of points far from 0, and one column
 * more, `-|row|^2 / 2`, where a query has a 1.
 */
export interface SearchRows extends Matrix {
  /** Row each was in the matrix, (rows,). */
  readonly source: Int32Array;
  /** Length each had there, (rows,). */
  readonly lengths: Float64Array;
}

/**
 * The rows of a matrix that have neighbours: finite, and for cosine not zero.
 *
 * @param matrix (n, d).
 * @param origin Where Euclidean rows are moved to, (d,); null for cosine.
 */
export function searchRows(
  { data, rows, cols }: Matrix,
  origin: Float64Array | null,
): SearchRows {
  const width = origin ? cols + 1 : cols;
  const out = new Float32Array(rows * width);
  const source = new Int32Array(rows);
  const lengths = new Float64Array(rows);
  let n = 0;
  for (let i = 0; i < rows; i++) {
    const start = i * cols;
    const sum = squaredLength(data, start, cols);
    if (!Number.isFinite(sum) || (!origin && sum === 0)) continue;
    const to = n * width;
    if (origin) {
      let squares = 0;
      for (let j = 0; j < cols; j++) {
        const value = Math.fround(data[start + j]! - origin[j]!);
        out[to + j] = value;
        squares += value * value;
      }
      if (squares < MAX_SQUARES) out[to + cols] = -squares / 2;
      else { // too far from all others to be told apart in float32
        out.fill(0, to, to + cols);
        out[to + cols] = -MAX_SQUARES;
      }
    } else {
      const scale = 1 / Math.sqrt(sum);
      for (let j = 0; j < cols; j++) out[to + j] = data[start + j]! * scale;
    }
    lengths[n] = Math.sqrt(sum);
    source[n++] = i;
  }
  return {
    data: out.subarray(0, n * width),
    rows: n,
    cols: width,
    source: source.subarray(0, n),
    lengths: lengths.subarray(0, n),
  };
}

/** Mean of the finite rows, (d,). */
export function meanRow({ data, rows, cols }: Matrix): Float64Array {
  const mean = new Float64Array(cols);
  let n = 0;
  for (let i = 0; i < rows; i++) {
    const start = i * cols;
    if (!Number.isFinite(squaredLength(data, start, cols))) continue;
    n++;
    for (let j = 0; j < cols; j++) mean[j]! += data[start + j]!;
  }
  return mean.map((sum) => sum / Math.max(1, n));
}

/** Rows `from..to-1`, not copied. */
export function stretch(
  { data, rows, cols, source, lengths }: SearchRows,
  from: number,
  to: number,
): SearchRows {
  const end = Math.min(to, rows);
  return {
    data: data.subarray(from * cols, end * cols),
    rows: end - from,
    cols,
    source: source.subarray(from, end),
    lengths: lengths.subarray(from, end),
  };
}

/** Copies rows `places` into an array. */
export function copyRows(
  { data, cols }: Matrix,
  places: Int32Array,
  into: Float32Array,
): Float32Array {
  places.forEach((place, i) => {
    into.set(data.subarray(place * cols, (place + 1) * cols), i * cols);
  });
  return into;
}

/** Rows `places`, copied. */
export function takeRows(rows: SearchRows, places: Int32Array): SearchRows {
  const { cols } = rows;
  return {
    data: copyRows(rows, places, new Float32Array(places.length * cols)),
    rows: places.length,
    cols,
    source: places.map((place) => rows.source[place]!),
    lengths: Float64Array.from(places, (place) => rows.lengths[place]!),
  };
}

function squaredLength(data: Float32Array, start: number, cols: number) {
  let sum = 0;
  for (let j = start; j < start + cols; j++) sum += data[j]! * data[j]!;
  return sum;
}
