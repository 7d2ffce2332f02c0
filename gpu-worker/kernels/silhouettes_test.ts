import assert from "node:assert/strict";
import { seededRandom } from "@shared/statistics/seeded_random.ts";
import { silhouettes } from "./silhouettes.ts";

const COLS = 3;

/** The definition, one point after the other. */
function slow(points: number[][], groups: number[]): number[] {
  const distance = (a: number[], b: number[]) =>
    Math.hypot(...a.map((x, c) => x - b[c]!));
  const mean = (v: number[]) => v.reduce((s, x) => s + x, 0) / v.length;
  return points.map((p, i) => {
    const to = (g: number) =>
      points.filter((_, j) => j !== i && groups[j] === g).map((q) =>
        distance(p, q)
      );
    if (groups[i]! < 0) return NaN;
    const own = to(groups[i]!);
    const others = [...new Set(groups)].filter((g) =>
      g >= 0 && g !== groups[i]
    );
    if (others.length === 0) return NaN;
    if (own.length === 0) return 0;
    const [a, b] = [mean(own), Math.min(...others.map((g) => mean(to(g))))];
    return (b - a) / Math.max(a, b);
  });
}

Deno.test("silhouettes() agree with the definition, single points and unknown groups included", () => {
  const random = seededRandom(2);
  const points = Array.from(
    { length: 40 },
    () => Array.from({ length: COLS }, () => Math.fround(random())),
  );
  const groups = points.map((_, i) =>
    i === 7 ? 3 : Math.floor(4 * random()) - 1
  )
    .map((g, i) => g === 3 && i !== 7 ? 2 : g);
  const found = silhouettes(
    { data: Float32Array.from(points.flat()), rows: 40, cols: COLS },
    Int32Array.from(groups),
    5,
  );
  slow(points, groups).forEach((expected, i) => {
    if (Number.isNaN(expected)) assert.equal(found[i], NaN);
    else assert.ok(Math.abs(found[i]! - expected) < 1e-9);
  });
});

Deno.test("silhouettes() of one group, and of points that are not finite, are unknown", () => {
  const points = { data: Float32Array.of(0, 1, NaN), rows: 3, cols: 1 };
  const all = [NaN, NaN, NaN];
  assert.deepEqual([...silhouettes(points, Int32Array.of(0, 0, 0), 1)], all);
  assert.deepEqual(
    [...silhouettes(points, Int32Array.of(0, 1, 1), 2)],
    [0, 0, NaN],
  );
});
