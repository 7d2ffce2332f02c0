import assert from "node:assert/strict";
import { seededRandom } from "./seeded_random.ts";

Deno.test("seededRandom() repeats for a seed and differs between seeds", () => {
  const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
  assert.deepEqual(draw(3), draw(3));
  assert.notDeepEqual(draw(3), draw(4));
});

Deno.test("seededRandom() is even over [0, 1)", () => {
  const random = seededRandom(0);
  const counts = new Int32Array(10);
  for (let i = 0; i < 10_000; i++) counts[Math.floor(random() * 10)]!++;
  assert.ok(counts.every((n) => n > 900 && n < 1100), counts.join());
});
