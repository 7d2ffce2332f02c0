import assert from "node:assert/strict";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { symmetricEigen } from "../kernels/symmetric_eigen.ts";
import type { SparseMatrix } from "./sparse_matrix.ts";
import { truncatedSvd } from "./truncated_svd.ts";

function sparse(rows: readonly (readonly number[])[], cols: number) {
  const columns = rows.flatMap((row) =>
    [...row.keys()].filter((c) => row[c] !== 0)
  );
  const starts = [0];
  for (const row of rows) {
    starts.push(starts.at(-1)! + row.filter((x) => x !== 0).length);
  }
  return {
    rows: rows.length,
    cols,
    starts: Int32Array.from(starts),
    columns: Int32Array.from(columns),
    values: Float32Array.from(rows.flat().filter((x) => x !== 0)),
  };
}

/** (rows, cols) with about 1 value in 4. */
function randomRows(rows: number, cols: number, seed: number): number[][] {
  const random = seededRandom(seed);
  return Array.from(
    { length: rows },
    () =>
      Array.from(
        { length: cols },
        () => random() < 0.75 ? 0 : Math.fround(random()),
      ),
  );
}

/** Inner products of all pairs of rows, (rows, rows). */
function gram(rows: readonly ArrayLike<number>[]): Float64Array {
  return Float64Array.from({ length: rows.length ** 2 }, (_, at) => {
    const a = rows[Math.floor(at / rows.length)]!;
    const b = rows[at % rows.length]!;
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
    return sum;
  });
}

function projectedRows(
  matrix: SparseMatrix,
  rank: number,
  powerIterations = 3,
) {
  const { projected: { data, cols }, singularValues } = truncatedSvd(matrix, {
    rank,
    powerIterations,
  });
  const rows = Array.from(
    { length: matrix.rows },
    (_, i) => data.subarray(i * cols, (i + 1) * cols),
  );
  return { rows, singularValues };
}

Deno.test("truncatedSvd() of all ranks keeps every inner product of rows", () => {
  for (const [n, cols] of [[30, 12], [12, 30]] as const) {
    const dense = randomRows(n, cols, n);
    const { rows, singularValues } = projectedRows(sparse(dense, cols), 99);
    const exact = symmetricEigen(gram(dense), n).values.slice(0, 12);
    assert.equal(singularValues.length, 12);
    singularValues.forEach((s, i) =>
      assert.ok(Math.abs(s - Math.sqrt(exact[i]!)) < 1e-9)
    );
    gram(dense).forEach((product, at) =>
      assert.ok(Math.abs(product - gram(rows)[at]!) < 1e-5)
    );
  }
});

Deno.test("truncatedSvd() finds the largest singular values, and the rows in their space", () => {
  const dense = randomRows(120, 80, 5);
  const rank = 8;
  const { rows, singularValues } = projectedRows(sparse(dense, 80), rank, 12);
  const { values, vectors } = symmetricEigen(gram(dense), 120);
  singularValues.forEach((s, d) =>
    assert.ok(Math.abs(s / Math.sqrt(values[d]!) - 1) < 1e-4, `${d}: ${s}`)
  );
  for (let d = 0; d < 3; d++) { // the first ones stand apart, so that vectors can be compared
    const exact = vectors.subarray(d * 120, (d + 1) * 120);
    const inner = rows.reduce((sum, row, i) => sum + row[d]! * exact[i]!, 0);
    assert.ok(Math.abs(Math.abs(inner) / singularValues[d]! - 1) < 1e-3);
  }
});

Deno.test("truncatedSvd() leaves out what is below the numerical rank", () => {
  const normal = seededNormal(1);
  const [a, b] = [0, 1].map(() => Array.from({ length: 20 }, normal));
  const dense = Array.from({ length: 40 }, (_, i) => {
    const [x, y] = [normal(), i === 7 ? 0 : normal()];
    return a!.map((value, c) => Math.fround(x * value + y * b![c]!));
  });
  dense[3] = Array(20).fill(0);
  const { rows, singularValues } = projectedRows(sparse(dense, 20), 10);
  assert.equal(singularValues.length, 2);
  assert.deepEqual([...rows[3]!], [0, 0]);
});

Deno.test("truncatedSvd() projects all rows on the space of those drawn", () => {
  const normal = seededNormal(2);
  const axes = randomRows(5, 30, 3);
  const dense = Array.from({ length: 2000 }, () => {
    const weights = axes.map(normal);
    return axes[0]!.map((_, c) =>
      Math.fround(
        axes.reduce((sum, axis, a) => sum + weights[a]! * axis[c]!, 0),
      )
    );
  });
  const { data, cols } = truncatedSvd(sparse(dense, 30), {
    rank: 10,
    mostRows: 20,
  }).projected;
  assert.equal(cols, 5);
  for (let i = 0; i < 2000; i++) {
    const row = data.subarray(i * cols, (i + 1) * cols);
    const length = Math.hypot(...dense[i]!);
    assert.ok(Math.abs(Math.hypot(...row) / length - 1) < 1e-5, `row ${i}`);
  }
});

Deno.test("truncatedSvd() takes one row, equal rows, and nothing at all", () => {
  const one = projectedRows(sparse([[3, 0, 4]], 3), 2);
  assert.deepEqual(one.rows.map((r) => [...r].map(Math.abs)), [[5]]);
  const same = projectedRows(sparse([[3, 4], [3, 4], [3, 4]], 2), 2);
  assert.equal(same.singularValues.length, 1);
  assert.ok(Math.abs(same.singularValues[0]! - Math.sqrt(75)) < 1e-12);
  for (
    const empty of [sparse([], 3), sparse([[], []], 0), sparse([[0, 0]], 2)]
  ) {
    const { projected } = truncatedSvd(empty);
    assert.deepEqual([projected.rows, projected.cols], [empty.rows, 0]);
  }
});

Deno.test("truncatedSvd() is the same for the same seed", () => {
  const matrix = sparse(randomRows(60, 50, 9), 50);
  const run = (seed: number) =>
    truncatedSvd(matrix, { rank: 5, seed }).projected.data;
  assert.deepEqual(run(4), run(4));
  assert.notDeepEqual(run(4), run(5));
});

Deno.test("truncatedSvd() tells of each pass and ends with what is thrown there", () => {
  const matrix = sparse(randomRows(20, 10, 2), 10);
  const fractions: number[] = [];
  truncatedSvd(matrix, { onPass: (f) => fractions.push(f) });
  assert.deepEqual(fractions, [0.25, 0.5, 0.75, 1]);
  const reason = new Error("enough");
  assert.throws(
    () =>
      truncatedSvd(matrix, {
        onPass() {
          throw reason;
        },
      }),
    reason,
  );
});
