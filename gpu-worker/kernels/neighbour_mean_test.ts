import assert from "node:assert/strict";
import { neighbourRows } from "./neighbour_mean.ts";
import { probMatrix } from "./prob_rows.ts";

const means = (...inputs: Parameters<typeof neighbourRows>) =>
  probMatrix(neighbourRows(...inputs));

const values = {
  data: Float32Array.of(1, 0, 0, 1, NaN, NaN),
  rows: 3,
  cols: 2,
};

Deno.test("neighbourRows() weighs by similarity", () => {
  const { data } = means(
    Int32Array.of(0, 1),
    Float32Array.of(0.75, 0.25),
    2,
    values,
  );
  assert.ok(
    Math.abs(data[0]! - 0.75) < 1e-6 && Math.abs(data[1]! - 0.25) < 1e-6,
  );
});

Deno.test("neighbourRows() takes the plain mean where no similarity is positive", () => {
  const mean = means(
    Int32Array.of(0, 1),
    Float32Array.of(-1, 0),
    2,
    values,
  );
  assert.deepEqual(mean.data, Float32Array.of(0.5, 0.5));
});

Deno.test("neighbourRows() leaves out empty places and NaN values", () => {
  const mean = means(
    Int32Array.of(0, -1, 2, 1, -1, -1),
    Float32Array.of(1, NaN, 1, 1, NaN, NaN),
    2,
    values,
  );
  assert.deepEqual([...mean.data], [1, 0, 0, 1, NaN, NaN]);
});
