import assert from "node:assert/strict";
import { robustSpread } from "./robust_spread.ts";
import { seededNormal } from "./seeded_normal.ts";

Deno.test("robustSpread() of a normal distribution is its standard deviation, whatever lies below or in the tail", () => {
  const normal = seededNormal(1);
  const values = Array.from({ length: 20_000 }, () => 3 + 2 * normal());
  const tailed = values.map((x, i) => i % 50 ? x : x < 3 ? -1e6 : 1e6);
  for (const tail of [0.9, 0.95] as const) {
    for (const given of [values, tailed]) {
      const { median, spread } = robustSpread(given, tail);
      assert.ok(Math.abs(median - 3) < 0.05);
      assert.ok(Math.abs(spread - 2) < 0.2, String(spread));
    }
  }
});

Deno.test("robustSpread() is wider where a tail that counts is heavy", () => {
  const values = Array.from(
    { length: 1000 },
    (_, i) => i < 930 ? i / 930 : 10,
  );
  const at90 = robustSpread(values, 0.9).spread;
  const at95 = robustSpread(values, 0.95).spread;
  assert.ok(at90 < 1 && at95 > 5);
});

Deno.test("robustSpread() is 0 where nothing is above the median, and knows nothing of nothing", () => {
  assert.deepEqual(robustSpread([1, 1, 1, NaN], 0.95), {
    median: 1,
    spread: 0,
  });
  assert.deepEqual(robustSpread([NaN], 0.9), { median: NaN, spread: 0 });
});
