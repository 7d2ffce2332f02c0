import assert from "node:assert/strict";
import { seededRandom } from "./seeded_random.ts";
import { shiftOddsToMean } from "./shift_odds_to_mean.ts";
import { sigmoid } from "./sigmoid.ts";

Deno.test("shiftOddsToMean() finds what bisection finds, in few and in many values", () => {
  const random = seededRandom(3);
  for (const n of [1, 100, 3000, 50_000]) {
    const z = Float64Array.from({ length: n }, () => 12 * random() ** 3 - 9);
    const odds = z.map((x) => Math.exp(-x));
    for (const mean of [1e-3, 0.2, 0.97]) {
      let [low, high] = [-20, 20];
      for (let step = 0; step < 60; step++) {
        const middle = (low + high) / 2;
        const sum = z.reduce((all, x) => all + sigmoid(x + middle), 0);
        if (sum < mean * n) low = middle;
        else high = middle;
      }
      const shift = shiftOddsToMean(odds, mean);
      assert.ok(Math.abs(shift - low) < 1e-9, `${n} ${mean}`);
    }
  }
});

Deno.test("shiftOddsToMean() finds it where the part that is looked at first is like no other", () => {
  const odds = new Float64Array(40_000).fill(Math.exp(3));
  for (let i = 0; i < odds.length; i += 16) odds[i] = i % 32 ? NaN : 1e-9;
  const shift = shiftOddsToMean(odds, 0.3);
  let [sum, n] = [0, 0];
  for (const x of odds) {
    if (Number.isNaN(x)) continue;
    sum += 1 / (1 + x * Math.exp(-shift));
    n++;
  }
  assert.ok(Math.abs(sum / n - 0.3) < 1e-9);
});

Deno.test("shiftOddsToMean() leaves NaN out and shifts nothing by 0", () => {
  const one = Float64Array.of(0.5);
  const withNaN = Float64Array.of(NaN, 0.5);
  assert.equal(shiftOddsToMean(withNaN, 0.5), shiftOddsToMean(one, 0.5));
  assert.equal(shiftOddsToMean(Float64Array.of(NaN), 0.5), 0);
});

Deno.test("shiftOddsToMean() throws if mean is outside (0, 1)", () => {
  assert.throws(() => shiftOddsToMean(Float64Array.of(1), 1), RangeError);
  assert.throws(() => shiftOddsToMean(Float64Array.of(1), NaN), RangeError);
});
