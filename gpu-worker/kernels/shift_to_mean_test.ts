import assert from "node:assert/strict";
import { seededRandom } from "./seeded_random.ts";
import { shiftToMean } from "./shift_to_mean.ts";
import { sigmoid } from "./sigmoid.ts";

Deno.test("shiftToMean() reaches the mean that was asked for", () => {
  const z = [-3, -2, 0.5, 4];
  for (const mean of [0.01, 0.3, 0.9]) {
    const c = shiftToMean(z, mean);
    const reached = z.reduce((sum, x) => sum + sigmoid(x + c), 0) / z.length;
    assert.ok(Math.abs(reached - mean) < 1e-9);
  }
});

Deno.test("shiftToMean() finds what bisection finds, in many values too", () => {
  const random = seededRandom(3);
  for (const n of [1, 2, 100, 20_000]) {
    const z = Float64Array.from({ length: n }, () => 12 * random() ** 3 - 9);
    for (const mean of [1e-3, 0.2, 0.97]) {
      let [low, high] = [-20, 20];
      for (let step = 0; step < 60; step++) {
        const middle = (low + high) / 2;
        const sum = z.reduce((all, x) => all + sigmoid(x + middle), 0);
        if (sum < mean * n) low = middle;
        else high = middle;
      }
      assert.ok(Math.abs(shiftToMean(z, mean) - low) < 1e-9, `${n} ${mean}`);
    }
  }
});

Deno.test("shiftToMean() leaves NaN out and shifts nothing by 0", () => {
  assert.equal(shiftToMean([NaN, 1], 0.5), shiftToMean([1], 0.5));
  assert.equal(shiftToMean([NaN], 0.5), 0);
});

Deno.test("shiftToMean() throws if mean is outside (0, 1)", () => {
  assert.throws(() => shiftToMean([1], 0), RangeError);
  assert.throws(() => shiftToMean([1], NaN), RangeError);
});
