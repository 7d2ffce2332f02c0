import assert from "node:assert/strict";
import { rowArgmax } from "./row_argmax.ts";

Deno.test("rowArgmax() takes the first of equals, in the row asked for", () => {
  assert.equal(rowArgmax([9, 0, 0, 1, 2, 2], 1, 3), 1);
});

Deno.test("rowArgmax() leaves one column out", () => {
  assert.equal(rowArgmax([5, 1, 2], 0, 3, 0), 2);
  assert.equal(rowArgmax([5], 0, 1, 0), -1);
});

Deno.test("rowArgmax() skips NaN and answers -1 when nothing is a number", () => {
  assert.equal(rowArgmax([NaN, -Infinity, -1], 0, 3), 2);
  assert.equal(rowArgmax([NaN, -Infinity], 0, 2), 1);
  assert.equal(rowArgmax([NaN, NaN], 0, 2), -1);
});
