import assert from "node:assert/strict";
import { expectedF1Count } from "./expected_f1_count.ts";
import { seededRandom } from "./seeded_random.ts";

function slow(probabilities: number[]): number {
  const sorted = [...probabilities].sort((a, b) => b - a);
  const total = sorted.reduce((a, b) => a + b, 0);
  const f1 = sorted.map((_, i) =>
    2 * sorted.slice(0, i + 1).reduce((a, b) => a + b, 0) / (i + 1 + total)
  );
  return f1.indexOf(Math.max(...f1)) + 1;
}

Deno.test("expectedF1Count() agrees with the obvious slow version", () => {
  const random = seededRandom(1);
  for (let round = 0; round < 50; round++) {
    const p = Array.from({ length: 1 + round }, () => random() ** 4);
    assert.equal(expectedF1Count(p), slow(p));
  }
});

Deno.test("expectedF1Count() flags nothing where nothing is possible", () => {
  assert.equal(expectedF1Count([]), 0);
  assert.equal(expectedF1Count([0, 0]), 0);
  assert.equal(expectedF1Count([NaN, 0]), 0);
});
