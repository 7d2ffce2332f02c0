import type { Matrix } from "./matrix.ts";

/**
 * How much nearer each point is to its own group than to the nearest other, in [-1, 1].
 *
 * `(b - a) / max(a, b)` with a the mean Euclidean distance to the others of its group and b the least mean distance to another group. 0 for the
 * only point of a group; NaN where there is no other group, the group is -1, or a value is not finite. O(n^2 * width): give it a sample.
 *
 * Source: Rousseeuw (1987).
 *
 * @param points Points, (n, width).
 * @param groups Group of each, -1 for none, (n,).
 * @param nGroups Groups.
 * @returns Silhouettes, (n,).
 *
 * @example
 * ```ts
 * import { silhouettes } from "./silhouettes.ts";
 * import assert from "node:assert/strict";
 *
 * const points = { data: Float32Array.of(0, 1, 10, 11), rows: 4, cols: 1 };
 * const [first] = silhouettes(points, Int32Array.of(0, 0, 1, 1), 2);
 * assert.ok(Math.abs(first! - (10.5 - 1) / 10.5) < 1e-9);
 * ```
 */
export function silhouettes(
  { data, rows, cols }: Matrix,
  groups: Int32Array,
  nGroups: number,
): Float64Array {
  const usable = Int32Array.from(groups.keys()).filter((i) =>
    groups[i]! >= 0 &&
    data.subarray(i * cols, (i + 1) * cols).every(Number.isFinite)
  );
  const sizes = new Int32Array(nGroups);
  for (const i of usable) sizes[groups[i]!]!++;
  const sums = new Float64Array(usable.length * nGroups);
  usable.forEach((i, a) => {
    for (let b = 0; b < a; b++) {
      const j = usable[b]!;
      let squares = 0;
      for (let c = 0; c < cols; c++) {
        squares += (data[i * cols + c]! - data[j * cols + c]!) ** 2;
      }
      const distance = Math.sqrt(squares);
      sums[a * nGroups + groups[j]!]! += distance;
      sums[b * nGroups + groups[i]!]! += distance;
    }
  });
  const out = new Float64Array(rows).fill(NaN);
  usable.forEach((i, a) => {
    const own = groups[i]!;
    let nearest = Infinity;
    for (let g = 0; g < nGroups; g++) {
      if (g === own || sizes[g] === 0) continue;
      nearest = Math.min(nearest, sums[a * nGroups + g]! / sizes[g]!);
    }
    if (nearest === Infinity) return;
    const within = sums[a * nGroups + own]! / (sizes[own]! - 1);
    const most = Math.max(within, nearest);
    out[i] = sizes[own] === 1 || most === 0 ? 0 : (nearest - within) / most;
  });
  return out;
}
