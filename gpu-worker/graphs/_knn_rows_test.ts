import assert from "node:assert/strict";
import { meanRow, searchRows, stretch, takeRows } from "./_knn_rows.ts";

const matrix = {
  data: Float32Array.of(3, 4, NaN, 1, 0, 0, -1, 0),
  rows: 4,
  cols: 2,
};

Deno.test("searchRows() gives cosine rows of length 1, without those that are not finite or zero", () => {
  const { data, rows, cols, source, lengths } = searchRows(matrix, null);
  assert.deepEqual(data, Float32Array.of(0.6, 0.8, -1, 0));
  assert.deepEqual([rows, cols], [2, 2]);
  assert.deepEqual(source, Int32Array.of(0, 3));
  assert.deepEqual(lengths, Float64Array.of(5, 1));
});

Deno.test("searchRows() moves Euclidean rows and ends them with half their squared length, negative", () => {
  const { data, source } = searchRows(matrix, Float64Array.of(1, 0));
  assert.deepEqual(
    data,
    Float32Array.of(2, 4, -10, -1, 0, -0.5, -2, 0, -2),
  );
  assert.deepEqual(source, Int32Array.of(0, 2, 3));
});

Deno.test("searchRows() puts Euclidean rows whose products would overflow far away", () => {
  const far = { data: Float32Array.of(1e30, 1), rows: 2, cols: 1 };
  const { data } = searchRows(far, Float64Array.of(0));
  assert.deepEqual([...data.subarray(2)], [1, -0.5]);
  assert.equal(data[0], 0);
  assert.ok(data[1]! < -1e37 && Number.isFinite(data[1]));
});

Deno.test("meanRow() is of the finite rows", () => {
  assert.deepEqual(meanRow(matrix), Float64Array.of(2 / 3, 4 / 3));
  const none = { data: new Float32Array(0), rows: 0, cols: 2 };
  assert.deepEqual(meanRow(none), Float64Array.of(0, 0));
});

Deno.test("takeRows() and stretch() keep what is known of a row", () => {
  const rows = searchRows(matrix, Float64Array.of(0, 0));
  const taken = takeRows(rows, Int32Array.of(2, 0));
  assert.deepEqual(taken.data, Float32Array.of(-1, 0, -0.5, 3, 4, -12.5));
  assert.deepEqual(taken.source, Int32Array.of(3, 0));
  const end = stretch(rows, 2, 9);
  assert.equal(end.rows, 1);
  assert.deepEqual(end.data, Float32Array.of(-1, 0, -0.5));
  assert.deepEqual(end.source, Int32Array.of(3));
});
