import assert from "node:assert/strict";
import { mahalanobisDistance } from "./mahalanobis_distance.ts";
import { seededNormal } from "./seeded_normal.ts";

function points(rows: number, cols: number) {
  const normal = seededNormal(8);
  const data = Float32Array.from({ length: rows * cols }, normal);
  for (let i = 0; i < rows; i++) {
    data[i * cols] = data[i * cols]! * 3 + data[i * cols + 1]!;
  }
  return { data, rows, cols };
}

/** Gauss-Jordan, for the test only. */
function inverse(matrix: number[][]): number[][] {
  const d = matrix.length;
  const rows = matrix.map((
    row,
    i,
  ) => [...row, ...row.map((_, j) => i === j ? 1 : 0)]);
  for (let i = 0; i < d; i++) {
    const scale = rows[i]![i]!;
    rows[i] = rows[i]!.map((x) => x / scale);
    for (let r = 0; r < d; r++) {
      if (r === i) continue;
      const times = rows[r]![i]!;
      rows[r] = rows[r]!.map((x, j) => x - times * rows[i]![j]!);
    }
  }
  return rows.map((row) => row.slice(d));
}

Deno.test("mahalanobisDistance() is the square root of x' C^-1 x with the inverse written out", () => {
  const { data, rows, cols } = points(80, 4);
  const mean = Array.from(
    { length: cols },
    (_, j) =>
      Array.from({ length: rows }, (_, i) => data[i * cols + j]!).reduce((
        a,
        b,
      ) => a + b) / rows,
  );
  const covariance = mean.map((_, a) =>
    mean.map((_, b) => {
      let sum = 0;
      for (let i = 0; i < rows; i++) {
        sum += (data[i * cols + a]! - mean[a]!) *
          (data[i * cols + b]! - mean[b]!) / rows;
      }
      return sum;
    })
  );
  const trace = mean.reduce((sum, _, j) => sum + covariance[j]![j]!, 0);
  const shrunk = covariance.map((row, a) =>
    row.map((x, b) => 0.8 * x + (a === b ? 0.2 * trace / cols : 0))
  );
  const inverted = inverse(shrunk);
  const found = mahalanobisDistance({ data, rows, cols }, undefined, {
    shrinkage: 0.2,
  });
  for (let i = 0; i < rows; i++) {
    let square = 0;
    for (let a = 0; a < cols; a++) {
      for (let b = 0; b < cols; b++) {
        square += (data[i * cols + a]! - mean[a]!) * inverted[a]![b]! *
          (data[i * cols + b]! - mean[b]!);
      }
    }
    assert.ok(Math.abs(found[i]! - Math.sqrt(square)) < 1e-9);
  }
});

Deno.test("mahalanobisDistance() of asked rows are those of all; unusable rows are NaN and count for nothing", () => {
  const all = points(60, 3);
  const some = mahalanobisDistance(all, [5, 41]);
  const full = mahalanobisDistance(all);
  assert.deepEqual([...some], [full[5], full[41]]);
  const data = new Float32Array(all.data.length + 3);
  data.set(all.data);
  data.set([NaN, 1, 1], all.data.length);
  const withNaN = mahalanobisDistance({ data, rows: 61, cols: 3 });
  assert.ok(Number.isNaN(withNaN[60]!));
  assert.deepEqual(withNaN.subarray(0, 60), full);
});

Deno.test("mahalanobisDistance() of points that do not spread is 0", () => {
  const data = new Float32Array(6).fill(2);
  assert.deepEqual(
    mahalanobisDistance({ data, rows: 3, cols: 2 }),
    new Float64Array(3),
  );
  assert.equal(
    mahalanobisDistance({ data: new Float32Array(), rows: 0, cols: 2 }).length,
    0,
  );
});
