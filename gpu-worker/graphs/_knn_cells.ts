import { seededRandom } from "../kernels/seeded_random.ts";
import {
  type Metric,
  type SearchRows,
  stretch,
  takeRows,
} from "./_knn_rows.ts";
import {
  bestOf,
  scoreGraph,
  type Search,
  sessionOptions,
} from "./_knn_scores.ts";
import { openSession } from "./session.ts";

const SEED = 20_112;
const BLOCK_ROWS = 1024;
const ROUNDS = 4;
/** Rows a centre is moved by. */
const ROWS_PER_CENTRE = 48;

/** Points around centres. */
export interface Cells {
  /** (n_cells, cols). */
  readonly centres: SearchRows;
  /** Points by cell, each cell's ascending, (n,). */
  readonly places: Int32Array;
  /** Where each cell begins in `places`, and the end, (n_cells + 1,). */
  readonly starts: Int32Array;
}

/** k-means: centres by some rounds over a sample, then every point to the nearest. Seeded. */
export async function cellsOf(search: Search, nCells: number): Promise<Cells> {
  const { points, metric } = search;
  const order = shuffled(points.rows);
  const sample = takeRows(
    points,
    order.slice(0, nCells * ROWS_PER_CENTRE).sort(),
  );
  let centres = takeRows(points, order.slice(0, nCells));
  for (let round = 0; round < ROUNDS; round++) {
    const cell = await nearestCells({ ...search, queries: sample }, centres, 1);
    centres = means(sample, cell, centres, metric);
  }
  const cell = await nearestCells({ ...search, queries: points }, centres, 1);
  return { centres, ...byCell(cell, nCells) };
}

/** The n cells with the nearest centres of each query, nearest first, (queries.rows * n,). */
export async function nearestCells(
  search: Search,
  centres: SearchRows,
  n: number,
): Promise<Int32Array> {
  const { queries, metric, signal } = search;
  const cells = new Int32Array(queries.rows * n);
  const session = await openSession(
    scoreGraph(queries.cols, metric, { base: centres, top: n }),
    sessionOptions(search),
  );
  try {
    for (let from = 0; from < queries.rows; from += BLOCK_ROWS) {
      signal?.throwIfAborted();
      const block = stretch(queries, from, from + BLOCK_ROWS);
      const { index } = await bestOf(session, block, 0, block.rows);
      cells.set(index, from * n);
    }
  } finally {
    await session.release();
  }
  return cells;
}

/** Rows by their cell. */
export function byCell(
  cell: Int32Array,
  nCells: number,
): { starts: Int32Array; places: Int32Array } {
  const starts = new Int32Array(nCells + 1);
  for (const c of cell) starts[c + 1]!++;
  for (let c = 0; c < nCells; c++) starts[c + 1]! += starts[c]!;
  const next = starts.slice();
  const places = new Int32Array(cell.length);
  cell.forEach((c, row) => places[next[c]!++] = row);
  return { starts, places };
}

/** Means of the rows of each cell; the old centre where it has none. */
function means(
  rows: SearchRows,
  cell: Int32Array,
  old: SearchRows,
  metric: Metric,
): SearchRows {
  const { cols } = rows;
  const width = metric === "cosine" ? cols : cols - 1;
  const sums = new Float64Array(old.rows * width);
  const counts = new Int32Array(old.rows);
  for (let i = 0; i < rows.rows; i++) {
    const c = cell[i]!;
    counts[c]!++;
    for (let j = 0; j < width; j++) {
      sums[c * width + j]! += rows.data[i * cols + j]!;
    }
  }
  const data = old.data.slice();
  for (let c = 0; c < old.rows; c++) {
    let squares = 0;
    for (let j = 0; j < width; j++) squares += sums[c * width + j]! ** 2;
    if (counts[c] === 0 || squares === 0) continue;
    const divisor = metric === "cosine" ? Math.sqrt(squares) : counts[c]!;
    for (let j = 0; j < width; j++) {
      data[c * cols + j] = sums[c * width + j]! / divisor;
    }
    if (metric === "euclidean") {
      data[c * cols + width] = -squares / counts[c]! ** 2 / 2;
    }
  }
  return { ...old, data };
}

/** 0..n-1 in random order. */
function shuffled(n: number): Int32Array {
  const random = seededRandom(SEED);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
