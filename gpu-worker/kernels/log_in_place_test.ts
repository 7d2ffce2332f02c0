import assert from "node:assert/strict";
import { logInPlace } from "./log_in_place.ts";

Deno.test("logInPlace() takes the logarithm of each", () => {
  const values = Float64Array.of(Math.E, 1, 0, -1, NaN, Infinity);
  const expected = Float64Array.from(values, Math.log);
  logInPlace(values);
  assert.deepEqual(values, expected);
  assert.equal(values[0], 1);
});
