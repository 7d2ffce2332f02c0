import assert from "node:assert/strict";
import type { CosineMap } from "../graphs/ridge_graphs.ts";
import type { Matrix } from "../kernels/matrix.ts";
import { seededNormal } from "../kernels/seeded_normal.ts";
import {
  leaveOneOutRidge,
  leftOutScores,
  PENALTIES,
  type RidgeInputs,
} from "./leave_one_out_ridge.ts";

/** Classes around centres, every seventh label another one, every fifth unlabelled. */
function dataset(n: number, width: number, k: number): RidgeInputs {
  const normal = seededNormal(n);
  const truth = Array.from({ length: n }, (_, i) => i % k);
  const data = Float32Array.from(
    truth.flatMap((t) =>
      Array.from({ length: width }, (_, j) => (j === t ? 1 : 0) + normal() / 2)
    ),
  );
  const labels = truth.map((t, i) =>
    i % 5 === 4 ? -1 : i % 7 === 3 ? (t + 1) % k : t
  );
  return {
    features: { data, rows: n, cols: width },
    map: null,
    labels: Int32Array.from(labels),
    nClasses: k,
  };
}

function columns({ features, map }: RidgeInputs): number[][] {
  return Array.from({ length: features.rows }, (_, i) => {
    const row = Array.from(
      features.data.subarray(i * features.cols, (i + 1) * features.cols),
    );
    if (!map) return [...row, 1];
    const cosines = Array.from(
      map.phases,
      (phase, f) =>
        map.scale * Math.cos(
          row.reduce(
            (sum, x, j) =>
              sum + x * map.weights.data[j * map.weights.cols + f]!,
            phase,
          ),
        ),
    );
    return [...cosines, 1];
  });
}

/** Gauss without any trick. */
function solve(a: number[][], b: number[][]): number[][] {
  const m = a.map((row, i) => [...row, ...b[i]!]);
  for (let c = 0; c < a.length; c++) {
    const pivot = m.slice(c).reduce(
      (best, row, i) =>
        Math.abs(row[c]!) > Math.abs(m[best]![c]!) ? c + i : best,
      c,
    );
    [m[c], m[pivot]] = [m[pivot]!, m[c]!];
    for (let r = 0; r < a.length; r++) {
      if (r === c) continue;
      const factor = m[r]![c]! / m[c]![c]!;
      m[r] = m[r]!.map((x, j) => x - factor * m[c]![j]!);
    }
  }
  return m.map((row, i) => row.slice(a.length).map((x) => x / row[i]!));
}

/** Predictions of one that never saw the row: fitted again without each. */
function refitted(
  inputs: RidgeInputs,
  penalty: number,
  rows: number[] = Array.from({ length: inputs.features.rows }, (_, i) => i),
) {
  const x = columns(inputs);
  const { labels, nClasses } = inputs;
  const known = [...x.keys()].filter((i) =>
    labels[i]! >= 0 && !Number.isNaN(x[i]![0]!)
  );
  const p = x[0]!.length;
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  const table = (n: number, m: number, f: (i: number, j: number) => number) =>
    Array.from(
      { length: n },
      (_, i) => Array.from({ length: m }, (_, j) => f(i, j)),
    );
  const mean = sum(known.flatMap((i) => x[i]!.map((v) => v * v))) / p;
  const scores = rows.map((row) => {
    if (Number.isNaN(x[row]![0]!)) return [];
    const others = known.filter((i) => i !== row);
    const weights = solve(
      table(p, p, (i, j) =>
        sum(others.map((r) => x[r]![i]! * x[r]![j]!)) +
        (i === j ? penalty * mean : 0)),
      table(
        p,
        nClasses,
        (i, k) => sum(others.map((r) => labels[r] === k ? x[r]![i]! : 0)),
      ),
    );
    return Array.from(
      { length: nClasses },
      (_, k) => sum(x[row]!.map((v, i) => v * weights[i]![k]!)),
    );
  });
  const squares = rows.flatMap((row, at) =>
    labels[row]! < 0
      ? []
      : scores[at]!.map((v, k) => (v - (labels[row] === k ? 1 : 0)) ** 2)
  );
  return { scores, error: sum(squares) / squares.length };
}

function cosineMap(width: number, n: number): CosineMap {
  const normal = seededNormal(5);
  const weights: Matrix = {
    data: Float32Array.from({ length: width * n }, normal),
    rows: width,
    cols: n,
  };
  return {
    weights,
    phases: Float32Array.from({ length: n }, normal),
    scale: 0.5,
  };
}

const plain = dataset(40, 6, 3);
const cases: Record<string, RidgeInputs> = {
  "features": plain,
  "random features": { ...plain, map: cosineMap(6, 11) },
  "more columns than rows": dataset(15, 24, 2),
  "a row of NaN": {
    ...plain,
    features: {
      ...plain.features,
      data: plain.features.data.map((x, at) => at >= 12 && at < 18 ? NaN : x),
    },
  },
};

for (const [name, inputs] of Object.entries(cases)) {
  Deno.test(`leaveOneOutRidge() agrees with fitting again without each row, at the best penalty: ${name}`, async () => {
    const tried = PENALTIES.map((penalty) => refitted(inputs, penalty));
    const errors = tried.map(({ error }) => error);
    const best = errors.indexOf(Math.min(...errors));
    const fit = await leaveOneOutRidge(inputs);
    assert.equal(fit.penalty, PENALTIES[best]);
    assert.ok(Math.abs(fit.error - errors[best]!) < 1e-5);
    const { data } = await leftOutScores(inputs, fit);
    tried[best]!.scores.forEach((row, i) => {
      for (let k = 0; k < inputs.nClasses; k++) {
        const found = data[i * inputs.nClasses + k]!;
        if (row.length === 0) assert.equal(found, NaN);
        else {assert.ok(
            Math.abs(found - row[k]!) < 1e-4,
            `${i}: ${found} not ${row[k]}`,
          );}
      }
    });
  });
}

Deno.test("leftOutScores() of a row do not depend on its label", async () => {
  const labels = plain.labels.slice();
  const fit = await leaveOneOutRidge(plain);
  labels[8] = (labels[8]! + 1) % 3;
  const other = { ...plain, labels };
  const again = await leaveOneOutRidge(other);
  assert.equal(again.penalty, fit.penalty);
  const [before, after] = [
    await leftOutScores(plain, fit),
    await leftOutScores(other, again),
  ];
  for (let k = 24; k < 27; k++) {
    assert.ok(Math.abs(before.data[k]! - after.data[k]!) < 1e-4);
  }
  assert.ok(Math.abs(before.data[30]! - after.data[30]!) > 1e-4);
});

Deno.test("leaveOneOutRidge() sums over several blocks", async () => {
  const inputs = dataset(1500, 6, 3);
  const fit = await leaveOneOutRidge(inputs);
  const { data } = await leftOutScores(inputs, fit);
  const rows = [0, 1023, 1024, 1499];
  const { scores } = refitted(inputs, fit.penalty, rows);
  rows.forEach((row, i) =>
    scores[i]!.forEach((score, k) =>
      assert.ok(Math.abs(score - data[row * 3 + k]!) < 1e-5)
    )
  );
});

Deno.test("leaveOneOutRidge() is defined without a row to learn from, and without a class", async () => {
  for (
    const inputs of [
      { ...plain, labels: plain.labels.map(() => -1) },
      {
        ...plain,
        features: {
          ...plain.features,
          data: plain.features.data.map(() => NaN),
        },
      },
      {
        ...plain,
        features: { data: new Float32Array(0), rows: 0, cols: 6 },
        labels: new Int32Array(0),
      },
    ]
  ) {
    const fit = await leaveOneOutRidge(inputs);
    const { data } = await leftOutScores(inputs, fit);
    assert.equal(fit.error, NaN);
    assert.equal(data.length, inputs.features.rows * 3);
  }
});

Deno.test("leaveOneOutRidge() tells growing progress up to 1, and stops when told to", async () => {
  const shares: number[] = [];
  await leaveOneOutRidge(plain, { onProgress: (f) => shares.push(f) });
  assert.deepEqual(shares, shares.toSorted((a, b) => a - b));
  assert.equal(shares.at(-1), 1);
  const controller = new AbortController();
  const reason = new Error("cancelled");
  const work = leaveOneOutRidge(plain, {
    signal: controller.signal,
    onProgress: () => controller.abort(reason),
  });
  await assert.rejects(work, reason);
});
