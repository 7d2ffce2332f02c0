import type { Matrix } from "./matrix.ts";
import { seededRandom } from "./seeded_random.ts";

/** Size of the forest. */
export interface IsolationForestOptions {
  /** Default 100. */
  readonly nTrees?: number;
  /** Rows a tree is grown from; default 256. */
  readonly rowsPerTree?: number;
  /** Default 1. */
  readonly seed?: number;
}

/** Nodes of one tree; a leaf has column -1 and its size as `cut`. */
interface Tree {
  readonly columns: number[];
  readonly cuts: number[];
  readonly right: number[];
}

/**
 * How soon random cuts isolate each row: `2^(-mean depth / c(rowsPerTree))`, where `c(n)` is the mean depth of a search
 * in a tree of n. About .5 is usual; near 1 is an outlier, also within a clump of others that is small beside the rest.
 *
 * The same seed and points give the same scores. Rows with a non-finite value
 * are NaN and grow no tree. O(n_trees * n * log rowsPerTree).
 *
 * Source: Liu, Ting and Zhou (2008), "Isolation forest", ICDM.
 *
 * @param points Any numbers, (n, d).
 * @param rows Rows to score, (m,); default all.
 * @param options Size of the forest, seed.
 * @returns Scores in [0, 1], 1 the most isolated, (m,).
 *
 * @example
 * ```ts
 * import { isolationForest } from "./isolation_forest.ts";
 * import assert from "node:assert/strict";
 *
 * const points = { data: Float32Array.of(0, 0.1, 0.2, 0.3, 9), rows: 5, cols: 1 };
 * const scores = isolationForest(points);
 * assert.equal(scores.indexOf(Math.max(...scores)), 4);
 * ```
 */
export function isolationForest(
  points: Matrix,
  rows: ArrayLike<number> = { length: points.rows },
  { nTrees = 100, rowsPerTree = 256, seed = 1 }: IsolationForestOptions = {},
): Float64Array {
  const { data, cols } = points;
  const isUsable = (row: number) =>
    data.subarray(row * cols, (row + 1) * cols).every(Number.isFinite);
  const usable = Int32Array.from({ length: points.rows }, (_, row) => row)
    .filter(isUsable);
  const size = Math.min(rowsPerTree, usable.length);
  const limit = Math.ceil(Math.log2(Math.max(2, size)));
  const random = seededRandom(seed);
  const trees = Array.from({ length: nTrees }, () => {
    for (let i = 0; i < size; i++) { // the first places of a random order
      const j = i + Math.floor(random() * (usable.length - i));
      [usable[i], usable[j]] = [usable[j]!, usable[i]!];
    }
    return grow(points, usable.slice(0, size), limit, random);
  });
  const usual = usualDepth(size);
  return Float64Array.from(rows, (given, at) => {
    const row = given ?? at;
    if (!isUsable(row)) return NaN;
    if (usual === 0) return 0.5;
    let depth = 0;
    for (const tree of trees) depth += depthOf(tree, data, row * cols);
    return 2 ** (-depth / nTrees / usual);
  });
}

function grow(
  { data, cols }: Matrix,
  rows: Int32Array,
  limit: number,
  random: () => number,
): Tree {
  const tree: Tree = { columns: [], cuts: [], right: [] };
  split(rows, 0);
  return tree;

  function split(own: Int32Array, depth: number): void {
    const node = tree.columns.length;
    tree.columns.push(-1);
    tree.cuts.push(own.length);
    tree.right.push(-1);
    if (depth >= limit || own.length < 2 || cols === 0) return;
    const found = cutOf(own);
    if (!found) return;
    tree.columns[node] = found.column;
    tree.cuts[node] = found.cut;
    const isLeft = (row: number) =>
      data[row * cols + found.column]! < found.cut;
    split(own.filter(isLeft), depth + 1);
    tree.right[node] = tree.columns.length;
    split(own.filter((row) => !isLeft(row)), depth + 1);
  }

  /** A random cut through a random column that is not constant; a few constant ones are passed over. */
  function cutOf(own: Int32Array) {
    const first = Math.floor(random() * cols);
    for (let step = 0; step < cols; step++) {
      const column = (first + step) % cols;
      let [least, most] = [Infinity, -Infinity];
      for (const row of own) {
        const x = data[row * cols + column]!;
        least = Math.min(least, x);
        most = Math.max(most, x);
      }
      if (!(most > least)) continue;
      const cut = least + (most - least) * random();
      return { column, cut: cut > least ? cut : most };
    }
    return null;
  }
}

function depthOf(
  { columns, cuts, right }: Tree,
  data: Matrix["data"],
  start: number,
): number {
  let node = 0;
  let depth = 0;
  while (columns[node]! >= 0) {
    node = data[start + columns[node]!]! < cuts[node]!
      ? node + 1
      : right[node]!;
    depth++;
  }
  return depth + usualDepth(cuts[node]!);
}

/** Mean depth of an unsuccessful search in a binary search tree of n. */
function usualDepth(n: number): number {
  if (n < 2) return 0;
  if (n === 2) return 1;
  return 2 * (Math.log(n - 1) + 0.5772156649) - 2 * (n - 1) / n;
}
