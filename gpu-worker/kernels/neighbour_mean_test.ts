import assert from "node:assert/strict";
import { neighbourMean } from "./neighbour_mean.ts";

const values = {
  data: Float32Array.of(1, 0, 0, 1, NaN, NaN),
  rows: 3,
  cols: 2,
};

Deno.test("neighbourMean() weighs by similarity", () => {
  const { data } = neighbourMean(
    Int32Array.of(0, 1),
    Float32Array.of(0.75, 0.25),
    2,
    values,
  );
  assert.ok(
    Math.abs(data[0]! - 0.75) < 1e-6 && Math.abs(data[1]! - 0.25) < 1e-6,
  );
});

Deno.test("neighbourMean() takes the plain mean where no similarity is positive", () => {
  const mean = neighbourMean(
    Int32Array.of(0, 1),
    Float32Array.of(-1, 0),
    2,
    values,
  );
  assert.deepEqual(mean.data, Float32Array.of(0.5, 0.5));
});

Deno.test("neighbourMean() leaves out empty places and NaN values", () => {
  const mean = neighbourMean(
    Int32Array.of(0, -1, 2, 1, -1, -1),
    Float32Array.of(1, NaN, 1, 1, NaN, NaN),
    2,
    values,
  );
  assert.deepEqual([...mean.data], [1, 0, 0, 1, NaN, NaN]);
});
