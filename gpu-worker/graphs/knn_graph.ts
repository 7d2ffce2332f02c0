import type { Matrix } from "../kernels/matrix.ts";
import { exactCandidates } from "./_knn_exact.ts";
import { int8Candidates } from "./_knn_int8.ts";
import { ivfCandidates } from "./_knn_ivf.ts";
import { planInt8, planIvf } from "./_knn_plan.ts";
import { type Ranked, rerank } from "./_knn_rerank.ts";
import { meanRow, searchRows } from "./_knn_rows.ts";
import { type KnownQueries, knownQueries, recallOf } from "./_knn_sample.ts";
import type { Places, Search } from "./_knn_scores.ts";
import type { Device } from "./session.ts";

/** Neighbours of every query; see {@linkcode knnGraph}. */
export interface KnnGraph {
  /** Places a row; the last ones are empty where there are fewer neighbours. */
  readonly k: number;
  /** Row of each neighbour in `base`, nearest first; -1 for an empty place, (n * k,). */
  readonly neighbours: Int32Array;
  /** Cosine similarity, descending, or Euclidean distance, ascending; NaN in an empty place, (n * k,). */
  readonly values: Float32Array;
}

/** How candidates are found: by all products in float32, by all in bytes, or by those with points in near cells (an inverted file). */
export type KnnMethod = "exact" | "int8" | "ivf";

/** A graph, and how it was found. */
export interface SearchedGraph extends KnnGraph {
  /** What found it. */
  readonly method: KnnMethod;
  /** Share of the neighbours of 500 queries, chosen by a fixed seed and searched exactly too, that it has; 1 if it is exact. */
  readonly recall: number;
}

/** What to search, and how. */
export interface KnnGraphOptions {
  /** Rows to find neighbours for, (n, d). */
  readonly queries: Matrix;
  /** Rows to find them among, (m, d). */
  readonly base: Matrix;
  /** Row of the first query in `base`: query i is base row `selfOffset + i` and not its own neighbour. Null: queries are not in `base`. */
  readonly selfOffset: number | null;
  /** Neighbours wanted, at least 1. */
  readonly k: number;
  /** What near means. */
  readonly metric: "cosine" | "euclidean";
  /** Default `auto`: on a CPU, and where there are many pairs, the fastest that finds .99 of the neighbours; else `exact`. */
  readonly method?: "auto" | KnnMethod;
  /** Default `cpu`. */
  readonly device?: Device;
  /** CPU threads; default 2. */
  readonly threads?: number;
  /** Ends the search between two blocks. */
  readonly signal?: AbortSignal;
  /** Called after each block with the share done, in (0, 1]. */
  readonly onProgress?: (fraction: number) => void;
}

/** Candidates are more than k, so that rounding at the edge costs nothing; one of them may be the row itself. */
const SPARE_CANDIDATES = 5;
/** Products of two numbers below which all is searched exactly. */
const SMALL_SEARCH = 1e10;
/** Recall below which another method is taken. */
const LEAST_RECALL = 0.99;
/** Share of all pairs above which cells cost more than bytes. */
const MAX_IVF_SHARE = 0.15;
/** Shares of the work after which queries are known, and after which a method is planned. */
const KNOWN_SHARE = 0.05;
const PLANNED_SHARE = 0.15;

const METHODS: Record<"auto" | KnnMethod, readonly KnnMethod[]> = {
  auto: ["ivf", "int8", "exact"],
  ivf: ["ivf", "exact"],
  int8: ["int8", "exact"],
  exact: ["exact"],
};

/**
 * k nearest neighbours, self left out, exact or with a recall of at least .99 that is checked.
 *
 * The device finds candidates, only the best of which leave it; their values are then computed again in float64 and sorted by value, then by
 * row, so that near duplicates get true distances and ties are stable. A row with a non-finite value, and for cosine a zero vector, has no
 * neighbours and is nobody's. Exact duplicates of a row are its neighbours, however many. Exact means as far as float32 tells candidates apart:
 * some more than k are taken.
 *
 * What is not exact is planned by 500 queries that are searched exactly first: into how many cells they must look, or how many candidates by
 * bytes they need, for .996 of their neighbours. Where that would cost too much, or less than .99 are found, the next method is taken: of
 * `auto` all, of another one the exact one. `method` and `recall` of the graph say what came of it. What is missed are far neighbours: of 2,000
 * near duplicates planted among 20,000 rows, both methods found every one.
 *
 * O(n * m * d) on the device, a small share of it by cells; O(n * k * d) here; memory O((n + m) * d + n * k), no n x m matrix.
 * Deterministic for one class of device, whatever the threads.
 *
 * @param options What to search, and how.
 * @returns Neighbours and their values.
 * @throws {RangeError} If widths differ, k is below 1, or `selfOffset` puts a query outside `base`.
 * @throws The reason of `signal`, if it aborts.
 *
 * @example
 * ```ts
 * import { knnGraph } from "./knn_graph.ts";
 * import assert from "node:assert/strict";
 *
 * const base = { data: Float32Array.of(0, 1, 5), rows: 3, cols: 1 };
 * const graph = await knnGraph({ queries: base, base, selfOffset: 0, k: 1, metric: "euclidean" });
 * assert.deepEqual(graph.neighbours, Int32Array.of(1, 0, 1));
 * assert.deepEqual(graph.values, Float32Array.of(1, 1, 4));
 * assert.equal(graph.method, "exact");
 * ```
 */
export async function knnGraph(
  options: KnnGraphOptions,
): Promise<SearchedGraph> {
  checkShapes(options);
  const search = searchOf(options);
  let known: KnownQueries | null = null;
  for (const method of methodsFor(options, search)) {
    if (method === "exact") break;
    known ??= await knownQueries(options, search);
    search.onProgress?.(KNOWN_SHARE);
    const places = await candidatesBy(method, search, known);
    if (!places) continue;
    const graph = ranked(options, search, places);
    const recall = recallOf(known, { ...graph, metric: options.metric });
    if (recall >= LEAST_RECALL) return { ...graph, method, recall };
  }
  const graph = ranked(options, search, await exactCandidates(search));
  return { ...graph, method: "exact", recall: 1 };
}

/** Rows and settings; progress never goes back. */
function searchOf(
  { queries, base, k, metric, device, threads, signal, onProgress }:
    KnnGraphOptions,
): Search {
  const origin = metric === "euclidean" ? meanRow(base) : null;
  const points = searchRows(base, origin);
  let done = 0;
  return {
    points,
    queries: queries === base ? points : searchRows(queries, origin),
    width: Math.min(k + SPARE_CANDIDATES, points.rows),
    metric,
    ...(device && { device }),
    ...(threads && { threads }),
    ...(signal && { signal }),
    ...(onProgress && {
      onProgress: (fraction: number) => {
        if (fraction > done) onProgress(done = fraction);
      },
    }),
  };
}

function methodsFor(
  { method = "auto", device = "cpu" }: KnnGraphOptions,
  { queries, points }: Search,
): readonly KnnMethod[] {
  const isSmall = queries.rows * points.rows * points.cols < SMALL_SEARCH;
  const isNone = queries.rows === 0 || points.rows === 0;
  if (isNone || (method === "auto" && (device !== "cpu" || isSmall))) {
    return METHODS.exact;
  }
  return METHODS[method];
}

/** Null if the method would cost more than the next. */
async function candidatesBy(
  method: "int8" | "ivf",
  search: Search,
  known: KnownQueries,
): Promise<Places | null> {
  const { onProgress, ...quiet } = search;
  const afterPlan = (plannedSearch: Search): Search => ({
    ...plannedSearch,
    ...(onProgress && {
      onProgress: (fraction: number) =>
        onProgress(PLANNED_SHARE + (1 - PLANNED_SHARE) * fraction),
    }),
  });
  if (method === "ivf") {
    const plan = await planIvf(quiet, known);
    if (plan.share > MAX_IVF_SHARE) return null;
    return await ivfCandidates(afterPlan(search), plan.cells, plan.nProbes);
  }
  const plan = await planInt8(quiet, known);
  if (!plan) return null;
  const { bytes, width } = plan;
  return await int8Candidates(afterPlan({ ...search, width }), bytes);
}

/** The best of the candidates, at the rows their queries came from. */
function ranked(
  options: KnnGraphOptions,
  search: Search,
  places: Places,
): Ranked & { k: number } {
  const { k, queries: { rows } } = options;
  const found = rerank(options, search, places);
  if (search.queries.rows === rows) return { k, ...found };
  const neighbours = new Int32Array(rows * k).fill(-1);
  const values = new Float32Array(rows * k).fill(NaN);
  search.queries.source.forEach((row, i) => {
    const from = i * k;
    neighbours.set(found.neighbours.subarray(from, from + k), row * k);
    values.set(found.values.subarray(from, from + k), row * k);
  });
  return { k, neighbours, values };
}

function checkShapes({ queries, base, selfOffset, k }: KnnGraphOptions): void {
  if (!(k >= 1) || !Number.isInteger(k)) {
    throw new RangeError(
      `Cannot build kNN graph as k must be a positive integer: current value is ${k}`,
    );
  }
  if (queries.cols !== base.cols) {
    throw new RangeError(
      `Cannot build kNN graph as queries.cols must equal base.cols: got ${queries.cols} and ${base.cols}`,
    );
  }
  if (
    selfOffset !== null &&
    (selfOffset < 0 || selfOffset + queries.rows > base.rows)
  ) {
    throw new RangeError(
      `Cannot build kNN graph as queries must lie in base: selfOffset is ${selfOffset}, rows ${queries.rows} and ${base.rows}`,
    );
  }
}
