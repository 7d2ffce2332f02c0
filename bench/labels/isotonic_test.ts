import assert from "node:assert/strict";
import { isotonic } from "./isotonic.ts";

Deno.test("isotonic() pools what falls, and steps between scores", () => {
  const f = isotonic([4, 1, 2, 3], [1, 0, 1, 0]);
  assert.deepEqual([0, 1, 2, 2.5, 3, 4, 9].map(f), [0, 0, 0.5, 0.5, 0.5, 1, 1]);
});

Deno.test("isotonic() gives equal scores one value", () => {
  const f = isotonic([1, 1, 1, 2], [1, 0, 0, 1]);
  assert.ok(Math.abs(f(1) - 1 / 3) < 1e-12);
  assert.equal(f(2), 1);
});
