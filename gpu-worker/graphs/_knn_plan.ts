import { type ByteRows, byteRows } from "./_knn_bytes.ts";
import { type Cells, cellsOf, nearestCells } from "./_knn_cells.ts";
import { int8Candidates } from "./_knn_int8.ts";
import type { KnownQueries } from "./_knn_sample.ts";
import type { Search } from "./_knn_scores.ts";

/** Recall that is planned for: above what is promised, as known queries are a sample. */
const TARGET = 0.996;
/** What is planned for where more candidates are all it costs. */
const INT8_TARGET = 0.999;
const MAX_INT8_WIDTH = 64;

/** How cells are searched. */
export interface IvfPlan {
  /** Cells of the points. */
  readonly cells: Cells;
  /** Cells a query looks into. */
  readonly nProbes: number;
  /** Share of all pairs of query and point that this multiplies. */
  readonly share: number;
}

/** How bytes are searched. */
export interface Int8Plan {
  /** Rows as bytes. */
  readonly bytes: ByteRows;
  /** Candidates a query. */
  readonly width: number;
}

/** Makes cells, about sqrt(n) of them, and finds how many of them the known queries must look into to find their neighbours. */
export async function planIvf(
  search: Search,
  known: KnownQueries,
): Promise<IvfPlan> {
  const nPoints = search.points.rows;
  const nCells = Math.max(1, Math.round(Math.sqrt(nPoints)));
  const cells = await cellsOf(search, nCells);
  const order = await nearestCells(
    { ...search, queries: known.queries },
    cells.centres,
    nCells,
  );
  const cellOf = new Int32Array(nPoints);
  for (let cell = 0; cell < nCells; cell++) {
    for (let i = cells.starts[cell]!; i < cells.starts[cell + 1]!; i++) {
      cellOf[cells.places[i]!] = cell;
    }
  }
  const found = new Int32Array(nCells);
  const sizes = new Float64Array(nCells);
  const rankOf = new Int32Array(nCells);
  const n = known.chosen.length;
  const k = known.places.length / n;
  for (let i = 0; i < n; i++) {
    for (let rank = 0; rank < nCells; rank++) {
      const cell = order[i * nCells + rank]!;
      rankOf[cell] = rank;
      sizes[rank]! += cells.starts[cell + 1]! - cells.starts[cell]!;
    }
    for (const place of known.places.subarray(i * k, (i + 1) * k)) {
      if (place >= 0) found[rankOf[cellOf[place]!]!]!++;
    }
  }
  const nProbes = ranksFor(TARGET, found, known.total) ?? nCells;
  const scanned = sizes.subarray(0, nProbes).reduce((a, b) => a + b, 0);
  return { cells, nProbes, share: scanned / n / nPoints };
}

/** Makes bytes, and finds how many candidates the known queries need; null if they need too many. */
export async function planInt8(
  search: Search,
  known: KnownQueries,
): Promise<Int8Plan | null> {
  const bytes = await byteRows(search);
  const { cols } = bytes;
  const width = Math.min(MAX_INT8_WIDTH, search.points.rows);
  const queries = new Uint8Array(known.chosen.length * cols);
  known.chosen.forEach((query, i) => {
    const row = bytes.queries.subarray(query * cols, (query + 1) * cols);
    queries.set(row, i * cols);
  });
  const { onProgress: _, ...quiet } = search;
  const candidates = await int8Candidates(
    { ...quiet, queries: known.queries, width },
    { ...bytes, queries },
  );
  const k = known.places.length / known.chosen.length;
  const found = new Int32Array(width);
  for (let i = 0; i < known.chosen.length; i++) {
    const own = candidates.subarray(i * width, (i + 1) * width);
    for (const place of known.places.subarray(i * k, (i + 1) * k)) {
      const rank = place < 0 ? -1 : own.indexOf(place);
      if (rank >= 0) found[rank]!++;
    }
  }
  const enough = ranksFor(INT8_TARGET, found, known.total) ??
    (ranksFor(TARGET, found, known.total) === null ? null : width);
  if (enough === null) return null;
  return {
    bytes,
    width: Math.min(width, Math.max(enough, search.width)),
  };
}

/** Ranks after which that share of all is found; null if it never is. */
function ranksFor(
  share: number,
  found: Int32Array,
  total: number,
): number | null {
  let sum = 0;
  for (let rank = 0; rank < found.length; rank++) {
    sum += found[rank]!;
    if (sum >= share * total) return rank + 1;
  }
  return null;
}
