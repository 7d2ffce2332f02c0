import assert from "node:assert/strict";
import type { Matrix } from "../kernels/matrix.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { featureMatrix } from "./feature_matrix.ts";

const near = (a: ArrayLike<number>, b: ArrayLike<number>, message = "") => {
  assert.equal(a.length, b.length, message);
  for (let i = 0; i < a.length; i++) {
    const same = Number.isNaN(a[i]!) && Number.isNaN(b[i]!);
    assert.ok(
      same || Math.abs(a[i]! - b[i]!) < 1e-5,
      `${message}, ${i}: ${a[i]} instead of ${b[i]}`,
    );
  }
};

function matrix(rows: readonly (readonly number[])[]): Matrix {
  return {
    data: Float32Array.from(rows.flat()),
    rows: rows.length,
    cols: rows[0]!.length,
  };
}

function randomMatrix(rows: number, cols: number, seed: number): Matrix {
  const random = seededRandom(seed);
  return {
    data: Float32Array.from(
      { length: rows * cols },
      (_, at) => random() * (1 + at % cols) + 5,
    ),
    rows,
    cols,
  };
}

/** The definition, column by column and then row by row, of views without constant columns. */
function slow(views: { name: string; features: Matrix }[]): number[] {
  const n = views[0]!.features.rows;
  const parts = views.map(({ name, features: { data, cols } }) => {
    const rows = Array.from(
      { length: n },
      (_, i) => [...data.subarray(i * cols, (i + 1) * cols)],
    );
    const known = rows.filter((row) => row.some(Number.isFinite));
    for (let j = 0; j < cols; j++) {
      const values = known.map((row) => row[j]!).filter(Number.isFinite);
      const mean = values.reduce((a, b) => a + b) / values.length;
      const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) /
        values.length;
      for (const row of known) {
        row[j] = Number.isFinite(row[j]) ? row[j]! - mean : 0;
        if (name === "columns") row[j]! /= Math.sqrt(variance);
      }
    }
    return rows.map((row) => {
      const length = Math.hypot(...row);
      return length > 0 ? row.map((x) => 4 * x / length) : row;
    });
  });
  return Array.from({ length: n }, (_, i) => {
    const own = parts.map((part) => part[i]!);
    if (own.every((row) => row.every(Number.isNaN))) return own.flat();
    return own.flatMap((row) => row.map((x) => Number.isNaN(x) ? 0 : x));
  }).flat();
}

Deno.test("featureMatrix() agrees with the definition, with missing rows and numbers", () => {
  const views = [
    { name: "columns", features: randomMatrix(40, 3, 1) },
    { name: "tokens", features: randomMatrix(40, 5, 2) },
  ];
  views[0]!.features.data[3 * 7] = NaN; // one number of row 7
  views[0]!.features.data[3 * 8 + 2] = Infinity;
  views[0]!.features.data.fill(NaN, 3 * 9, 3 * 10);
  views[1]!.features.data.fill(NaN, 5 * 10, 5 * 11);
  views[0]!.features.data.fill(NaN, 3 * 11, 3 * 12);
  views[1]!.features.data.fill(NaN, 5 * 11, 5 * 12);
  const { data, rows, cols } = featureMatrix([views], [40]);
  assert.deepEqual([rows, cols], [40, 8]);
  near(data, slow(views));
  const row = (i: number) => data.subarray(i * 8, (i + 1) * 8);
  assert.ok(Math.abs(Math.hypot(...row(0)) - 4 * Math.SQRT2) < 1e-5);
  assert.deepEqual(row(9).subarray(0, 3), new Float32Array(3));
  assert.ok(row(11).every(Number.isNaN));
});

Deno.test("featureMatrix() is the same for one split and for its halves", () => {
  const features = randomMatrix(20, 4, 3);
  const half = (from: number): Matrix => ({
    data: features.data.slice(from * 4, (from + 10) * 4),
    rows: 10,
    cols: 4,
  });
  const name = "sentence";
  assert.deepEqual(
    featureMatrix([[{ name, features: half(0) }], [
      { name, features: half(10) },
    ]], [10, 10]),
    featureMatrix([[{ name, features }]], [20]),
  );
});

Deno.test("featureMatrix() gives a split without views rows of NaN", () => {
  const features = randomMatrix(3, 2, 4);
  const { data } = featureMatrix([[], [{ name: "image", features }]], [2, 3]);
  assert.deepEqual(data.subarray(0, 4), new Float32Array(4).fill(NaN));
  assert.ok(data.subarray(4).every(Number.isFinite));
});

Deno.test("featureMatrix() leaves constant columns out, however large they are", () => {
  const features = matrix([[1e7, 1, 0.1], [1e7, 2, 0.1], [1e7, 6, 0.1]]);
  for (const name of ["columns", "tokens"]) {
    const { data, cols } = featureMatrix([[{ name, features }]], [3]);
    assert.equal(cols, 1);
    assert.deepEqual(data, Float32Array.of(-4, -4, 4));
  }
});

Deno.test("featureMatrix() is 0 for a sample in the middle, and has no columns where nothing differs", () => {
  const middle = matrix([[1], [2], [3]]);
  const same = matrix([[7, 7], [7, 7]]);
  const name = "columns";
  assert.deepEqual(
    featureMatrix([[{ name, features: middle }]], [3]).data,
    Float32Array.of(-4, 0, 4),
  );
  assert.equal(featureMatrix([[{ name, features: same }]], [2]).cols, 0);
  assert.equal(featureMatrix([[]], [2]).cols, 0);
  assert.equal(featureMatrix([], []).rows, 0);
});

Deno.test("featureMatrix() throws if splits have other views or rows", () => {
  const view = (name: string, rows: number, cols: number) => ({
    name,
    features: randomMatrix(rows, cols, 5),
  });
  assert.throws(
    () =>
      featureMatrix([[view("tokens", 2, 3)], [view("tokens", 2, 4)]], [2, 2]),
    /same ones: got tokens \(3\) and tokens \(4\)/,
  );
  assert.throws(
    () =>
      featureMatrix([[view("tokens", 2, 3)], [view("image", 2, 3)]], [2, 2]),
    RangeError,
  );
  assert.throws(
    () => featureMatrix([[view("tokens", 2, 3)]], [5]),
    /"tokens" must have 5 rows: current value is 2/,
  );
});
