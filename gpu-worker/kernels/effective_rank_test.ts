import assert from "node:assert/strict";
import { seededNormal } from "@shared/statistics/seeded_normal.ts";
import { effectiveRank } from "./effective_rank.ts";

function points(n: number, deviations: readonly number[]) {
  const normal = seededNormal(4);
  const cols = deviations.length;
  const data = Float32Array.from(
    { length: n * cols },
    (_, i) => 5 + deviations[i % cols]! * normal(),
  );
  return { data, rows: n, cols };
}

Deno.test("effectiveRank() is the entropy of the variances", () => {
  const variances = [4, 1, 1, 0.25];
  const total = variances.reduce((a, b) => a + b);
  const expected = Math.exp(
    -variances.reduce((s, v) => s + v / total * Math.log(v / total), 0),
  );
  const rank = effectiveRank(points(20_000, variances.map(Math.sqrt)));
  assert.ok(Math.abs(rank - expected) < 0.05, `${rank}, ${expected}`);
});

Deno.test("effectiveRank() leaves out rows that are not finite, and says nothing of one point", () => {
  const one = { data: Float32Array.of(1, 2, NaN, 0, 1, 2), rows: 3, cols: 2 };
  assert.equal(effectiveRank(one), NaN);
  const line = {
    data: Float32Array.of(1, 1, 2, 2, 3, 3, Infinity, 0),
    ...{ rows: 4, cols: 2 },
  };
  assert.ok(Math.abs(effectiveRank(line) - 1) < 1e-6);
});
