import assert from "node:assert/strict";
import { wilsonInterval } from "./wilson_interval.ts";

Deno.test("wilsonInterval() ends where the share is z deviations of that end away", () => {
  for (const [part, whole] of [[0, 5], [1, 7], [30, 40], [40, 40]] as const) {
    for (const end of wilsonInterval(part, whole, 1.5)) {
      const variance = end * (1 - end) / whole;
      const squared = (part / whole - end) ** 2;
      assert.ok(Math.abs(squared - 1.5 ** 2 * variance) < 1e-9);
    }
  }
});

Deno.test("wilsonInterval() knows nothing without trials", () => {
  assert.deepEqual(wilsonInterval(0, 0), [0, 1]);
});
