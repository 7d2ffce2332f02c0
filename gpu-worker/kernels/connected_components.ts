/**
 * Which nodes hang together: the smallest node of each node's component.
 *
 * Nearly O(n + pairs) (union-find); independent of the order of pairs.
 *
 * @param n Number of nodes.
 * @param pairs Nodes joined by an edge, two entries a pair, (2 * n_pairs,).
 * @returns Component of each node, named by its smallest node, (n,).
 *
 * @example
 * ```ts
 * import { connectedComponents } from "./connected_components.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(connectedComponents(4, [3, 1]), Int32Array.of(0, 1, 2, 1));
 * ```
 */
export function connectedComponents(
  n: number,
  pairs: ArrayLike<number>,
): Int32Array {
  const parent = Int32Array.from({ length: n }, (_, i) => i);
  const root = (node: number) => {
    while (parent[node] !== node) {
      parent[node] = parent[parent[node]!]!;
      node = parent[node]!;
    }
    return node;
  };
  for (let i = 0; i < pairs.length; i += 2) {
    const a = root(pairs[i]!);
    const b = root(pairs[i + 1]!);
    parent[Math.max(a, b)] = Math.min(a, b);
  }
  return parent.map((_, i) => root(i));
}
