import assert from "node:assert/strict";
import { confidentJoint } from "./confident_joint.ts";
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

Deno.test("confidentJoint() agrees with the obvious slow version", () => {
  const random = seededRandom(5);
  const [rows, cols] = [300, 4];
  const data = Float32Array.from({ length: rows * cols }, () => random() ** 3);
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * cols, (i + 1) * cols);
    const sum = row.reduce((a, b) => a + b, 0);
    row.forEach((p, j) => row[j] = p / sum);
  }
  const labels = Int32Array.from(
    { length: rows },
    () => Math.floor(random() * 3),
  );
  const predProbs = { data, rows, cols };
  const { counts, offDiagonalShare } = confidentJoint(predProbs, labels);
  assert.deepEqual(counts, slowCounts(predProbs, labels));
  assert.ok(offDiagonalShare > 0.4 && offDiagonalShare < 1);
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
