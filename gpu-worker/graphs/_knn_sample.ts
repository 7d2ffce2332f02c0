import { seededRandom } from "../kernels/seeded_random.ts";
import { exactCandidatesOfFew } from "./_knn_exact.ts";
import { rerank, type RerankOptions } from "./_knn_rerank.ts";
import { type Metric, type SearchRows, takeRows } from "./_knn_rows.ts";
import type { Places, Search } from "./_knn_scores.ts";

const SEED = 20_113;
const SAMPLE_ROWS = 500;

/** Some queries whose neighbours are known. */
export interface KnownQueries {
  /** Places of them in the search's queries, ascending. */
  readonly chosen: Int32Array;
  /** Their rows. */
  readonly queries: SearchRows;
  /** Exact neighbours as places in the points, -1 for none, (chosen.length * k,). */
  readonly places: Places;
  /** Value of the last neighbour of each; NaN without any. */
  readonly worst: Float32Array;
  /** Neighbours of all together. */
  readonly total: number;
}

/** Exact neighbours of 500 queries, chosen by a fixed seed; of all, where there are fewer. */
export async function knownQueries(
  options: RerankOptions,
  search: Search,
): Promise<KnownQueries> {
  const { k } = options;
  const chosen = choose(search.queries.rows);
  const queries = takeRows(search.queries, chosen);
  const { onProgress: _, ...quiet } = search;
  const known = { ...quiet, queries };
  const { neighbours, values } = rerank(
    options,
    known,
    await exactCandidatesOfFew(known),
  );
  const placeOf = new Int32Array(options.base.rows).fill(-1);
  search.points.source.forEach((row, place) => placeOf[row] = place);
  const places = neighbours.map((row) => row < 0 ? -1 : placeOf[row]!);
  const worst = new Float32Array(chosen.length).fill(NaN);
  let total = 0;
  for (let i = 0; i < chosen.length; i++) {
    for (let j = i * k; j < (i + 1) * k && places[j]! >= 0; j++) {
      worst[i] = values[j]!;
      total++;
    }
  }
  return { chosen, queries, places, worst, total };
}

/**
 * Share of the known queries' neighbours that a graph has, in [0, 1]: as many values as there are neighbours, none farther than the last of
 * them, so that it does not count which of some equal ones was taken.
 */
export function recallOf(
  { queries, worst, total }: KnownQueries,
  { values, k, metric }: {
    values: Float32Array;
    k: number;
    metric: Metric;
  },
): number {
  let found = 0;
  queries.source.forEach((query, i) => {
    for (let j = query * k; j < (query + 1) * k; j++) {
      const value = values[j]!;
      if (metric === "cosine" ? value >= worst[i]! : value <= worst[i]!) {
        found++;
      }
    }
  });
  return total === 0 ? 1 : found / total;
}

function choose(n: number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const size = Math.min(SAMPLE_ROWS, n);
  const random = seededRandom(SEED);
  for (let i = 0; i < size; i++) {
    const j = i + Math.floor(random() * (n - i));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order.slice(0, size).sort();
}
