import assert from "node:assert/strict";
import { quantile } from "./quantile.ts";

Deno.test("quantile() interpolates between order statistics", () => {
  assert.equal(quantile([8, 0, 4], 0.5), 4);
  assert.equal(quantile([8, 0, 4], 0.75), 6);
  assert.equal(quantile([8, 0, 4], 0), 0);
  assert.equal(quantile([8, 0, 4], 1), 8);
});

Deno.test("quantile() leaves NaN out and is NaN of nothing", () => {
  assert.equal(quantile([NaN, 2, 4], 0.5), 3);
  assert.equal(quantile([NaN], 0.5), NaN);
  assert.equal(quantile([], 0.5), NaN);
});

Deno.test("quantile() throws if q is outside [0, 1]", () => {
  assert.throws(() => quantile([1], 1.5), {
    name: "RangeError",
    message: /current value is 1.5/,
  });
  assert.throws(() => quantile([1], NaN), RangeError);
});
