import assert from "node:assert/strict";
import { robustSpread } from "./robust_spread.ts";
import { seededNormal } from "./seeded_normal.ts";

Deno.test("robustSpread() of a normal distribution is its standard deviation, whatever lies below or in the tail", () => {
  const normal = seededNormal(1);
  const values = Array.from({ length: 20_000 }, () => 3 + 2 * normal());
  const tailed = values.map((x, i) => i % 50 ? x : x < 3 ? -1e6 : 1e6);
  for (const given of [values, tailed]) {
    const { median, spread } = robustSpread(given);
    assert.ok(Math.abs(median - 3) < 0.05);
    assert.ok(Math.abs(spread - 2) < 0.2, String(spread));
  }
});

Deno.test("robustSpread() is wider where more than a twentieth share a tail", () => {
  const spreadOf = (usual: number) =>
    robustSpread(
      Array.from({ length: 1000 }, (_, i) => i < usual ? i / usual : 10),
    ).spread;
  assert.ok(spreadOf(960) < 1 && spreadOf(930) > 5);
});

Deno.test("robustSpread() is 0 where nothing is above the median, and knows nothing of nothing", () => {
  assert.deepEqual(robustSpread([1, 1, 1, NaN]), {
    median: 1,
    spread: 0,
  });
  assert.deepEqual(robustSpread([NaN]), { median: NaN, spread: 0 });
});
