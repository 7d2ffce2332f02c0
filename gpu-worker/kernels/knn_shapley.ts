/** Rows, their neighbours and their labels; see {@linkcode knnShapley}. */
export interface KnnShapleyInputs {
  /** Rows that each query finds near, nearest first, -1 for an empty place, (n_queries * listed,). */
  readonly neighbours: Int32Array;
  /** Places a query. */
  readonly listed: number;
  /** Neighbours that vote, at least 1. */
  readonly k: number;
  /** Labels of the rows, -1 where unlabelled, (n,). */
  readonly labels: Int32Array;
  /** Labels of the queries, -1 where unlabelled; default: the queries are the rows, (n_queries,). */
  readonly queryLabels?: Int32Array;
}

/**
 * What each row is worth to a vote of k nearest neighbours: its Shapley value, mean over queries.
 *
 * A set of rows is worth to a query the share of its k nearest that have the query's label, `1 / k` each. Among a query's labelled neighbours, with c
 * whether the i-th one has its label, the last of m gets `c min(k, m) / (k m)`, and each before it what the next one gets and
 * `(c - c_next) min(k, i) / (k i)` more. Rows whose labels mislead get values below 0, rows that nobody finds near get 0. The values of one query sum to
 * what all of its neighbours are worth.
 *
 * Exact where all rows are listed. Where only the nearest are, values are those of the vote among them, and within `1 / listed` of the values over all
 * rows (at least k of them listed, and all labelled). Queries without a label or a labelled neighbour do not count; without any, values are NaN.
 * O(n_queries * listed); allocates n and listed numbers, no matrix.
 *
 * Source: Jia et al. (2019), "Efficient task-specific data valuation for nearest neighbor algorithms", VLDB 12(11), theorems 1 and 2.
 *
 * @param inputs Neighbours and labels.
 * @returns Values in [-1 / k, 1 / k], (n,).
 * @throws {RangeError} If k is below 1, or the shapes disagree.
 *
 * @example
 * ```ts
 * import { knnShapley } from "./knn_shapley.ts";
 * import assert from "node:assert/strict";
 *
 * const values = knnShapley({
 *   neighbours: Int32Array.of(0, 1),
 *   listed: 2,
 *   k: 1,
 *   labels: Int32Array.of(1, 0),
 *   queryLabels: Int32Array.of(1),
 * });
 * assert.deepEqual(values, Float64Array.of(1, 0));
 * ```
 */
export function knnShapley(
  { neighbours, listed, k, labels, queryLabels = labels }: KnnShapleyInputs,
): Float64Array {
  if (!(k >= 1)) {
    throw new RangeError(
      `Cannot value rows as k must be at least 1: current value is ${k}`,
    );
  }
  if (neighbours.length !== queryLabels.length * listed) {
    throw new RangeError(
      `Cannot value rows as there must be ${listed} neighbours for each of ${queryLabels.length} queries: current value is ${neighbours.length}`,
    );
  }
  const values = new Float64Array(labels.length);
  const found = new Int32Array(listed);
  let nQueries = 0;
  for (let query = 0; query < queryLabels.length; query++) {
    const label = queryLabels[query]!;
    if (label < 0) continue;
    let m = 0;
    for (let j = query * listed; j < (query + 1) * listed; j++) {
      const row = neighbours[j]!;
      if (row >= 0 && labels[row]! >= 0) found[m++] = row;
    }
    if (m === 0) continue;
    nQueries++;
    let next = 0;
    let value = 0;
    for (let i = m; i >= 1; i--) {
      const own = labels[found[i - 1]!] === label ? 1 : 0;
      value += (own - next) * Math.min(k, i) / (k * i);
      values[found[i - 1]!]! += value;
      next = own;
    }
  }
  return values.map((sum) => sum / nQueries); // 0 / 0 is NaN
}
