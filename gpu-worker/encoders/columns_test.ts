import assert from "node:assert/strict";
import { columnsOf } from "./columns.ts";

Deno.test("columnsOf() takes the most common width, of equals the first met", () => {
  const found = columnsOf([[1], [2, 3], [4], [5, 6]])!;
  assert.equal(found.matrix.cols, 1);
  assert.equal(found.nOtherWidth, 2);
  assert.deepEqual(found.matrix.data, Float32Array.of(1, NaN, 4, NaN));
});

Deno.test("columnsOf() counts neither samples without features nor empty ones", () => {
  const found = columnsOf([null, [], [7, 8]])!;
  assert.equal(found.nOtherWidth, 0);
  assert.deepEqual(found.matrix, {
    data: Float32Array.of(NaN, NaN, NaN, NaN, 7, 8),
    rows: 3,
    cols: 2,
  });
});

Deno.test("columnsOf() gives null where nobody has a feature", () => {
  assert.equal(columnsOf([]), null);
  assert.equal(columnsOf([null, []]), null);
});

Deno.test("columnsOf() does not hold what it was given", () => {
  const row = Float64Array.of(1, 2);
  const { matrix } = columnsOf([row])!;
  row[0] = 9;
  assert.equal(matrix.data[0], 1);
});
