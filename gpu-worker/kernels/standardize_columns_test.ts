import assert from "node:assert/strict";
import { standardizeColumns } from "./standardize_columns.ts";

Deno.test("standardizeColumns() gives mean 0 and deviation 1, and 0 for a constant column", () => {
  const { data } = standardizeColumns({
    data: Float32Array.of(2, 7, 4, 7, 6, 7),
    rows: 3,
    cols: 2,
  });
  const s = Math.fround(Math.sqrt(1.5));
  assert.deepEqual(data, Float32Array.of(-s, 0, 0, 0, s, 0));
});

Deno.test("standardizeColumns() keeps non-finite rows out of the statistics", () => {
  const { data } = standardizeColumns({
    data: Float32Array.of(1, 0, NaN, 5, 3, 0, 2, Infinity),
    rows: 4,
    cols: 2,
  });
  assert.deepEqual([...data], [-1, 0, NaN, NaN, 1, 0, NaN, NaN]);
});

Deno.test("standardizeColumns() takes no rows", () => {
  const none = { data: new Float32Array(0), rows: 0, cols: 3 };
  assert.equal(standardizeColumns(none).data.length, 0);
});
