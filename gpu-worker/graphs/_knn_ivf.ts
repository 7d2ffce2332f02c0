import { byCell, type Cells, nearestCells } from "./_knn_cells.ts";
import { copyRows } from "./_knn_rows.ts";
import {
  allScoresGraph,
  BestPlaces,
  type Places,
  type Search,
  sessionOptions,
} from "./_knn_scores.ts";
import { openSession } from "./session.ts";

const BLOCK_ROWS = 512;
/** Points of a cell that are multiplied at once. */
const PIECE_ROWS = 4096;

/**
 * Candidates by the products of each query with the points of the cells whose centres are nearest to it (an inverted file).
 *
 * Here scores do leave the graph: TopK of rows as short as a cell takes several times as long as the products.
 *
 * Source: Sivic and Zisserman 2003, "Video Google", ICCV; Jégou, Douze and Schmid 2011, "Product quantization for nearest neighbor search",
 * IEEE PAMI 33, for several cells a query.
 *
 * @param search What to search.
 * @param cells Cells of its points.
 * @param nProbes Cells a query looks into.
 */
export async function ivfCandidates(
  search: Search,
  cells: Cells,
  nProbes: number,
): Promise<Places> {
  const { queries, points, width, metric, signal, onProgress } = search;
  const { cols } = points;
  const best = new BestPlaces(queries.rows, width);
  const nCells = cells.centres.rows;
  const nearest = await nearestCells(search, cells.centres, nProbes);
  const probes = byCell(nearest, nCells);
  const block = new Float32Array(BLOCK_ROWS * cols);
  const session = await openSession(
    allScoresGraph(cols, metric),
    sessionOptions(search),
  );
  try {
    for (let cell = 0; cell < nCells; cell++) {
      const members = cells.places.subarray(
        cells.starts[cell],
        cells.starts[cell + 1],
      );
      const asking = probes.places
        .subarray(probes.starts[cell], probes.starts[cell + 1])
        .map((probe) => Math.floor(probe / nProbes));
      for (let from = 0; from < members.length; from += PIECE_ROWS) {
        await searchPiece(members.subarray(from, from + PIECE_ROWS), asking);
      }
      onProgress?.(probes.starts[cell + 1]! / probes.places.length);
    }
  } finally {
    await session.release();
  }
  return best.places;

  async function searchPiece(
    members: Int32Array,
    asking: Int32Array,
  ): Promise<void> {
    const base = {
      data: copyRows(points, members, new Float32Array(members.length * cols)),
      shape: [members.length, cols],
    };
    for (let from = 0; from < asking.length; from += BLOCK_ROWS) {
      signal?.throwIfAborted();
      const rows = asking.subarray(from, from + BLOCK_ROWS);
      const data = copyRows(queries, rows, block)
        .subarray(0, rows.length * cols);
      const { scores } = await session.run({
        query: { data, shape: [rows.length, cols] },
        base,
      });
      const values = scores!.data as Float32Array;
      rows.forEach((row, i) =>
        best.scan(row, values, i * members.length, members)
      );
    }
  }
}
