import assert from "node:assert/strict";
import { isolationForest } from "../kernels/isolation_forest.ts";
import { mahalanobisDistance } from "../kernels/mahalanobis_distance.ts";
import { topTwo } from "../kernels/top_two.ts";
import type { Signals } from "./detector.ts";
import { outlier } from "./outlier.ts";

const { defaults } = outlier;

function inputs(
  deviations: number[],
  isTable = false,
): Pick<Signals, "outliers" | "predictions"> {
  const n = deviations.length;
  const probs = { data: new Float32Array(n * 2).fill(0.5), rows: n, cols: 2 };
  const data = Float32Array.from(
    { length: n * 2 },
    (_, at) => deviations[at >> 1]! * (1 + (at % 2) / 100) + (at % 7) / 10,
  );
  return {
    predictions: topTwo(probs),
    outliers: {
      deviations: Float64Array.from(deviations),
      timesUsual: Float64Array.from(deviations, (z) => 1 + z),
      look: deviations.map(() => "position" as const),
      points: { data, rows: n, cols: 2 },
      isTable,
    },
  };
}

Deno.test("outlier flags from its threshold up, with a score of .5 there", () => {
  const usual = Array.from({ length: 58 }, (_, i) => (i % 10) / 10);
  const { score, isIssue, details } = outlier.detect(
    inputs([...usual, 3.5, 6]),
    defaults,
  );
  assert.deepEqual([...isIssue.keys()].filter((i) => isIssue[i]), [58, 59]);
  assert.equal(score[58], 0.5);
  assert.ok(score[59]! > 0.8 && score[59]! < 1);
  assert.equal(details.get(59)!.times_usual, 7);
  assert.ok(details.get(59)!.less_isolated_share! as number > 0.9);
  assert.ok(details.get(59)!.less_mahalanobis_share! as number > 0.9);
});

Deno.test("outlier scores rise with deviations, and usual samples have next to none", () => {
  const deviations = [-2, 0, 1.1, 2, 3, 3.49, 3.51, 5, 9, 30]; // too few for a farthest hundredth
  const { score } = outlier.detect(inputs(deviations), defaults);
  for (let i = 1; i < deviations.length; i++) {
    assert.ok(score[i]! > score[i - 1]!);
  }
  assert.ok(score[2]! < 0.001);
});

Deno.test("outlier flags the farthest hundredth from half a deviation less, and no more of them", () => {
  const flagged = (high: number[], settings = defaults) => {
    const usual = new Array<number>(1000 - high.length).fill(0);
    const found = outlier.detect(inputs([...usual, ...high]), settings);
    const rows = [...found.isIssue.keys()].filter((i) => found.isIssue[i]);
    return { ...found, rows };
  };
  const rising = Array.from({ length: 40 }, (_, i) => 3 + i / 100);
  const some = flagged(rising); // up to 3.39
  assert.deepEqual(some.rows, Array.from({ length: 10 }, (_, i) => 990 + i));
  assert.equal(some.score[990], 0.5); // its threshold is the tenth farthest
  assert.ok(some.score[989]! < 0.5);
  assert.equal(flagged([2.99, 2.99]).rows.length, 0);
  assert.equal(flagged([3, 3.2]).rows.length, 2);
  assert.equal(flagged(new Array<number>(30).fill(3.5)).rows.length, 30);
  const strict = { ...defaults, farthestShare: 0 };
  assert.equal(flagged([3.49, 3.5], strict).rows.length, 1);
});

Deno.test("outlier flags no more than its share, the farthest first", () => {
  const deviations = Array.from({ length: 100 }, (_, i) => i < 30 ? 10 + i : 0);
  const { isIssue } = outlier.detect(inputs(deviations), defaults);
  assert.deepEqual(
    [...isIssue.keys()].filter((i) => isIssue[i]),
    [25, 26, 27, 28, 29],
  );
});

Deno.test("outlier tells no multiple of the usual distance where that is unknown", () => {
  const given = inputs([...new Array<number>(39).fill(0), 9]);
  given.outliers!.timesUsual.fill(NaN);
  const { details } = outlier.detect(given, defaults);
  assert.ok(!("times_usual" in details.get(39)!));
  assert.equal(details.get(39)!.deviations, 9);
});

Deno.test("outlier asks for second opinions on the thousand that are farthest only", () => {
  const n = 24_000;
  const deviations = Array.from(
    { length: n },
    (_, i) => i < 1200 ? 5 + i / 100 : (i % 10) / 10,
  );
  const { details, isIssue } = outlier.detect(inputs(deviations), defaults);
  assert.equal(isIssue.reduce((sum, x) => sum + x, 0), 1200);
  for (const [row, found] of details) {
    for (const name of ["less_isolated_share", "less_mahalanobis_share"]) {
      assert.equal(name in found, row >= 200, `${name} of ${row}`);
    }
  }
});

Deno.test("outlier counts as more usual what the forest and the distance say of a thousand samples", () => {
  const given = inputs([
    ...Array.from({ length: 58 }, (_, i) => (i % 10) / 10),
    4,
    6,
  ]);
  const { points } = given.outliers!;
  const { details } = outlier.detect(given, defaults);
  for (
    const [name, measure] of [
      ["less_isolated_share", isolationForest],
      ["less_mahalanobis_share", mahalanobisDistance],
    ] as const
  ) {
    const all = measure(points);
    for (const row of [58, 59]) {
      const share = all.filter((x) => x < all[row]!).length / 60;
      assert.equal(details.get(row)![name], share);
    }
  }
});

Deno.test("outlier says nothing without points", () => {
  const without = { ...inputs([9, 9]), outliers: null };
  const { score, isIssue } = outlier.detect(without, defaults);
  assert.ok(score.every(Number.isNaN));
  assert.ok(!isIssue.includes(1));
});

Deno.test("outlier names the feature of a table that is farthest out", () => {
  const deviations = Array.from({ length: 40 }, (_, i) => i === 9 ? 8 : 0);
  const table = outlier.detect(inputs(deviations, true), defaults);
  const own = inputs(deviations).outliers!.points.data.subarray(18, 20);
  assert.equal(table.details.get(9)!.column, own[1]! > own[0]! ? 1 : 0);
  assert.equal(table.details.get(9)!.column_deviations, Math.max(...own));
  const { details } = outlier.detect(inputs(deviations), defaults);
  assert.ok(!("column" in details.get(9)!));
});
