import assert from "node:assert/strict";
import type { Matrix } from "./matrix.ts";
import {
  joinedProbRows,
  probMatrix,
  type ProbRows,
  probRows,
  probRowsBetween,
} from "./prob_rows.ts";

const matrix = (...rows: number[][]): Matrix => ({
  data: Float32Array.from(rows.flat()),
  rows: rows.length,
  cols: rows[0]!.length,
});
const above = matrix([0.25, 0.75], [NaN, NaN]);
const below = matrix([1, 0], [0.5, 0.5]);

/** The rows of a matrix, seen through every door that they have. */
function assertSame(rows: ProbRows, expected: Matrix) {
  assert.deepEqual([rows.rows, rows.cols], [expected.rows, expected.cols]);
  assert.deepEqual(probMatrix(rows), expected);
  for (let row = 0; row < expected.rows; row++) {
    const own = expected.data.subarray(row * 2, row * 2 + 2);
    const sums = Float64Array.of(1, 1);
    const rest = rows.addTo(row, 2, sums);
    const isUnknown = Number.isNaN(own[0]!);
    assert.equal(rest, isUnknown ? NaN : 0);
    own.forEach((p, k) => {
      assert.equal(rows.get(row, k), p);
      assert.equal(sums[k], isUnknown ? 1 : 1 + 2 * p);
    });
  }
}

Deno.test("probRows() reads a matrix, and probMatrix() gives it back", () => {
  assertSame(probRows(above), above);
  assert.equal(probMatrix(above), above);
});

Deno.test("probRowsBetween() sees some rows as they are in all", () => {
  assertSame(probRowsBetween(below, 1, 2), matrix([0.5, 0.5]));
  assert.equal(probRowsBetween(below, 1, 1).rows, 0);
});

Deno.test("joinedProbRows() puts rows below each other, parts without rows too", () => {
  const none: Matrix = { data: new Float32Array(0), rows: 0, cols: 2 };
  const joined = matrix([0.25, 0.75], [NaN, NaN], [1, 0], [0.5, 0.5]);
  assertSame(joinedProbRows([none, above, none, below, none], 2), joined);
  assert.equal(joinedProbRows([], 2).rows, 0);
});
