import assert from "node:assert/strict";
import { sigmoid } from "./sigmoid.ts";

Deno.test("sigmoid() is symmetric and stays in [0, 1] at the extremes", () => {
  assert.equal(sigmoid(0), 0.5);
  assert.equal(sigmoid(-1000), 0);
  assert.equal(sigmoid(1000), 1);
  assert.ok(Math.abs(sigmoid(2) + sigmoid(-2) - 1) < 1e-15);
});

Deno.test("sigmoid() propagates NaN", () => {
  assert.equal(sigmoid(NaN), NaN);
});
