import assert from "node:assert/strict";
import { confidentJoint } from "./confident_joint.ts";
import { logOddsMargins } from "./log_odds_margins.ts";
import type { Matrix } from "./matrix.ts";
import { seededRandom } from "./seeded_random.ts";

function slowCounts({ data, rows, cols }: Matrix, labels: Int32Array) {
  const row = (i: number) =>
    Array.from(data.subarray(i * cols, (i + 1) * cols));
  const all = Array.from({ length: rows }, (_, i) => i);
  const threshold = Array.from({ length: cols }, (_, k) => {
    const own = all.filter((i) => labels[i] === k).map((i) => row(i)[k]!);
    return own.length ? own.reduce((a, b) => a + b, 0) / own.length : 2;
  });
  const counts = new Float64Array(cols * cols);
  for (const i of all) {
    const above = row(i).map((p, k) => p >= threshold[k]! ? p : -1);
    const max = Math.max(...above);
    if (max >= 0) counts[labels[i]! * cols + above.indexOf(max)]!++;
  }
  return counts;
}

/** Rows that sum to 1, rounded so that classes tie. */
function someProbs(rows: number, cols: number, random: () => number) {
  const data = Float32Array.from({ length: rows * cols }, () => random() ** 3);
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * cols, (i + 1) * cols);
    const sum = row.reduce((a, b) => a + b, 0);
    row.forEach((p, j) => row[j] = Math.round(32 * p / sum) / 32);
  }
  return { data, rows, cols };
}

for (const cols of [4, 40]) {
  Deno.test(`confidentJoint() agrees with the obvious slow version on ${cols} classes`, () => {
    const random = seededRandom(5);
    const predProbs = someProbs(300, cols, random);
    const labels = Int32Array.from(
      { length: 300 },
      () => Math.floor(random() * (cols - 1)), // nobody is given the last
    );
    const joint = confidentJoint(predProbs, labels);
    assert.deepEqual(joint.counts, slowCounts(predProbs, labels));
    assert.ok(joint.offDiagonalShare > 0.4 && joint.offDiagonalShare < 1);
    const plain = logOddsMargins(predProbs, labels);
    assert.deepEqual(confidentJoint(predProbs, labels, plain), joint);
  });
}

Deno.test("confidentJoint() looks past a class that does not reach its threshold", () => {
  // thresholds .875 and .25 of classes 0 and 1: the last sample is likeliest 0, and reaches only 1
  const predProbs = {
    data: Float32Array.of(1, 0, 0.75, 0.25, 0.875, 0.125, 0.625, 0.375),
    rows: 4,
    cols: 2,
  };
  const { counts } = confidentJoint(predProbs, Int32Array.of(0, 0, 1, 1));
  assert.deepEqual(counts, Float64Array.of(1, 1, 1, 1));
});

Deno.test("confidentJoint() takes the most probable of the classes above their threshold", () => {
  // thresholds .5 and .25: the last sample reaches both, and class 0 is more probable
  const predProbs = {
    data: Float32Array.of(0.5, 0.5, 0.75, 0.25),
    rows: 2,
    cols: 2,
  };
  const { counts } = confidentJoint(predProbs, Int32Array.of(0, 1));
  assert.deepEqual(counts, Float64Array.of(1, 0, 1, 0));
});

Deno.test("confidentJoint() calibrates rows to the number given each label", () => {
  const predProbs = {
    data: Float32Array.of(1, 0, 1, 0, 0.5, 0.5, 0, 1),
    rows: 4,
    cols: 2,
  };
  const { calibrated } = confidentJoint(predProbs, Int32Array.of(0, 0, 0, 1));
  assert.equal(calibrated[0]! + calibrated[1]!, 3);
  assert.equal(calibrated[2]! + calibrated[3]!, 1);
});

Deno.test("confidentJoint() leaves unlabelled samples and NaN rows out", () => {
  const predProbs = {
    data: Float32Array.of(1, 0, 0, 1, NaN, 1, 0, 1),
    rows: 4,
    cols: 2,
  };
  const { counts } = confidentJoint(predProbs, Int32Array.of(0, 1, 0, -1));
  assert.deepEqual(counts, Float64Array.of(1, 0, 0, 1));
});

Deno.test("confidentJoint() of nothing has no share", () => {
  const nothing = { data: new Float32Array(0), rows: 0, cols: 2 };
  assert.equal(
    confidentJoint(nothing, new Int32Array(0)).offDiagonalShare,
    NaN,
  );
});
