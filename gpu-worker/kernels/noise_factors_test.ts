import assert from "node:assert/strict";
import { noiseFactors } from "./noise_factors.ts";

Deno.test("noiseFactors() is the fourth root of the noise matrix, half-way to uniform", () => {
  // given 0: 6 of class 0 and 1 of class 1; given 1: 2 of class 0 and 3 of class 1
  const factors = noiseFactors(Float64Array.of(6, 1, 2, 3), 2);
  const expected = [0.75, 0.25, 0.25, 0.75].map((t) => (t / 2 + 0.25) ** 0.25);
  factors.forEach((f, j) => assert.ok(Math.abs(f - expected[j]!) < 1e-12));
});

Deno.test("noiseFactors() keeps the labels of a class that no sample looks like", () => {
  const [right, , wrong] = noiseFactors(Float64Array.of(0, 1, 0, 1), 2);
  assert.ok(Math.abs(right! - 0.75 ** 0.25) < 1e-12);
  assert.ok(Math.abs(wrong! - 0.25 ** 0.25) < 1e-12);
});
