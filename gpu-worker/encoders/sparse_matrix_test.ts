import assert from "node:assert/strict";
import { seededRandom } from "../kernels/seeded_random.ts";
import {
  multiplySparse,
  someRows,
  type SparseMatrix,
  transposed,
} from "./sparse_matrix.ts";

/** About a third of all places hold a value, some rows none. */
function randomSparse(rows: number, cols: number, seed: number) {
  const random = seededRandom(seed);
  const dense = Float32Array.from(
    { length: rows * cols },
    (_, at) =>
      Math.floor(at / cols) % 5 === 4 || random() < 0.7
        ? 0
        : Math.fround(random() - 0.5),
  );
  const columns: number[] = [];
  const values: number[] = [];
  const starts = [0];
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      const value = dense[row * cols + col]!;
      if (value === 0) continue;
      columns.push(col);
      values.push(value);
    }
    starts.push(values.length);
  }
  const matrix: SparseMatrix = {
    rows,
    cols,
    starts: Int32Array.from(starts),
    columns: Int32Array.from(columns),
    values: Float32Array.from(values),
  };
  return { matrix, dense };
}

Deno.test("multiplySparse() is the product with the dense matrix", () => {
  const { matrix, dense } = randomSparse(17, 11, 1);
  const random = seededRandom(2);
  const other = Float64Array.from({ length: 11 * 3 }, random);
  const to = new Float64Array(17 * 3).fill(9);
  multiplySparse(matrix, other, to, 3);
  for (let row = 0; row < 17; row++) {
    for (let j = 0; j < 3; j++) {
      let sum = 0;
      for (let c = 0; c < 11; c++) {
        sum += dense[row * 11 + c]! * other[c * 3 + j]!;
      }
      assert.ok(Math.abs(to[row * 3 + j]! - sum) < 1e-12);
    }
  }
});

Deno.test("multiplySparse() of some rows gives those", () => {
  const { matrix } = randomSparse(17, 11, 4);
  const other = Float64Array.from({ length: 11 * 3 }, seededRandom(2));
  const [whole, part] = [new Float64Array(51), new Float64Array(9)];
  multiplySparse(matrix, other, whole, 3);
  multiplySparse(matrix, other, part, 3, 5, 8);
  assert.deepEqual(part, whole.slice(15, 24));
});

Deno.test("someRows() takes rows in any order, empty ones too", () => {
  const { matrix } = randomSparse(17, 11, 5);
  const other = Float64Array.from({ length: 11 * 2 }, seededRandom(2));
  const [whole, part] = [new Float64Array(34), new Float64Array(8)];
  multiplySparse(matrix, other, whole, 2);
  multiplySparse(someRows(matrix, [16, 4, 0, 4]), other, part, 2);
  const expected = [16, 4, 0, 4].flatMap((
    i,
  ) => [...whole.slice(2 * i, 2 * i + 2)]);
  assert.deepEqual([...part], expected);
  assert.deepEqual([...part.slice(2, 4)], [0, 0]);
});

Deno.test("transposed() twice is the matrix itself", () => {
  const { matrix } = randomSparse(17, 11, 3);
  const turned = transposed(matrix);
  assert.equal(turned.rows, 11);
  assert.notDeepEqual(turned.columns, matrix.columns);
  assert.deepEqual(transposed(turned), matrix);
});

Deno.test("transposed() takes a matrix without values", () => {
  const { starts, columns } = transposed({
    rows: 2,
    cols: 0,
    starts: new Int32Array(3),
    columns: new Int32Array(0),
    values: new Float32Array(0),
  });
  assert.deepEqual(starts, Int32Array.of(0));
  assert.equal(columns.length, 0);
});
