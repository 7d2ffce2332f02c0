import assert from "node:assert/strict";
import { bendOf, bendWeights } from "./bends.ts";

Deno.test("bendWeights() are linear between knots, flat beyond, and sum to 1", () => {
  const knots = [-2, 0, 4];
  assert.deepEqual(bendWeights(-9, knots), [1, 0, 0]);
  assert.deepEqual(bendWeights(-2, knots), [1, 0, 0]);
  assert.deepEqual(bendWeights(-0.5, knots), [0.25, 0.75, 0]);
  assert.deepEqual(bendWeights(0, knots), [0, 1, 0]);
  assert.deepEqual(bendWeights(1, knots), [0, 0.75, 0.25]);
  assert.deepEqual(bendWeights(5, knots), [0, 0, 1]);
  assert.deepEqual(bendWeights(5, [1]), [1]);
  assert.deepEqual(bendWeights(5, []), []);
});

Deno.test("bendOf() is the sum of the values by their weights", () => {
  const knots = [-2, 0, 4];
  const values = [3, -1, 8];
  for (let x = -3; x <= 5; x += 0.25) {
    const expected = bendWeights(x, knots).reduce(
      (sum, w, k) => sum + w * values[k]!,
      0,
    );
    assert.ok(Math.abs(bendOf(x, knots, values) - expected) < 1e-12, `${x}`);
  }
  assert.equal(bendOf(1, [], []), 0);
  assert.ok(Number.isNaN(bendOf(NaN, knots, values)));
});
