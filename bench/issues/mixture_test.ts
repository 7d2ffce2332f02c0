import assert from "node:assert/strict";
import { dense, drawn, rowsOf, stacked } from "./mixture.ts";

Deno.test("drawn() gives different numbers, the same ones for a seed", () => {
  const numbers = drawn(10, 10, 1);
  assert.deepEqual(numbers.toSorted((a, b) => a - b), [...Array(10).keys()]);
  assert.deepEqual(numbers.slice(0, 4), drawn(10, 4, 1));
  assert.notDeepEqual(numbers, drawn(10, 10, 2));
});

Deno.test("stacked() puts rows one after the other", () => {
  const a = { data: Float32Array.of(1, 2, 3, 4), rows: 2, cols: 2 };
  assert.deepEqual(
    stacked(rowsOf(a, [1]), a).data,
    Float32Array.of(3, 4, 1, 2, 3, 4),
  );
  const wide = { data: new Float32Array(3), rows: 1, cols: 3 };
  assert.throws(() => stacked(a, wide), RangeError);
});

Deno.test("dense() leaves no label out", () => {
  assert.deepEqual(dense(Int32Array.of(7, 3, 7)), Int32Array.of(1, 0, 1));
});
