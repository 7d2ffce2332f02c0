import assert from "node:assert/strict";
import { softmaxRows } from "./softmax_rows.ts";

Deno.test("softmaxRows() does not overflow at large logits", () => {
  const { data } = softmaxRows({
    data: Float32Array.of(1000, 1000, -1000, 0, 0, -Infinity),
    rows: 2,
    cols: 3,
  });
  assert.deepEqual(data, Float32Array.of(0.5, 0.5, 0, 0.5, 0.5, 0));
});

Deno.test("softmaxRows() keeps log ratios equal to logit differences", () => {
  const { data } = softmaxRows({
    data: Float32Array.of(1, 3, -2),
    rows: 1,
    cols: 3,
  });
  assert.ok(Math.abs(Math.log(data[1]! / data[0]!) - 2) < 1e-5);
  assert.ok(Math.abs(Math.log(data[1]! / data[2]!) - 5) < 1e-5);
});

Deno.test("softmaxRows() makes a row with NaN or Infinity NaN and leaves the others", () => {
  const { data } = softmaxRows({
    data: Float32Array.of(NaN, 0, Infinity, 0, 0, 0),
    rows: 3,
    cols: 2,
  });
  assert.deepEqual([...data], [NaN, NaN, NaN, NaN, 0.5, 0.5]);
});
