import assert from "node:assert/strict";
import { confidentJoint } from "./confident_joint.ts";
import { lookalikeMargins } from "./lookalike_margins.ts";
import { seededRandom } from "./seeded_random.ts";

const UNKNOWN = new Float64Array(9);

Deno.test("lookalikeMargins() is the logarithm of the odds, by the definition", () => {
  const [rows, cols] = [50, 4];
  const random = seededRandom(3);
  const data = Float32Array.from(
    { length: rows * cols },
    () => random() ** 3 + 1e-6,
  );
  const labels = Int32Array.from({ length: rows }, () => random() * cols);
  const joint = confidentJoint({ data, rows, cols }, labels).calibrated;
  const T = (k: number, y: number) => {
    let given = 0;
    for (let j = 0; j < cols; j++) given += joint[j * cols + k]!;
    return joint[y * cols + k]! / given / 2 + 0.5 / cols;
  };
  const margins = lookalikeMargins({ data, rows, cols }, labels, joint);
  for (let i = 0; i < rows; i++) {
    const y = labels[i]!;
    const p = [...data.subarray(i * cols, (i + 1) * cols)];
    let wrong = 0;
    for (let k = 0; k < cols; k++) {
      if (k === y) continue;
      const others = p.reduce((s, x, j) => j === k ? s : s + x ** 0.75, 0);
      wrong += p[k]! * T(k, y) ** 0.25 * p[y]! ** 0.75 / others;
    }
    const odds = p[y]! * T(y, y) ** 0.25 / wrong;
    assert.ok(Math.abs(margins[i]! - Math.log(odds)) < 1e-6);
  }
});

Deno.test("lookalikeMargins() asks how likely another class is more than how unlikely the label is", () => {
  const data = Float32Array.of(0.05, 0.9, 0.05, 0.01, 0.5, 0.49);
  const [sure, unsure] = lookalikeMargins(
    { data, rows: 2, cols: 3 },
    Int32Array.of(0, 0),
    UNKNOWN,
  );
  assert.ok(sure! < unsure!);
});

Deno.test("lookalikeMargins() is 0 where all classes are alike, NaN where unknown, and finite where a class is certain", () => {
  const third = 1 / 3;
  const data = Float32Array.of(
    third,
    third,
    third,
    0,
    NaN,
    1,
    1,
    0,
    0,
    0,
    1,
    0,
  );
  const margins = lookalikeMargins(
    { data, rows: 4, cols: 3 },
    Int32Array.of(0, 0, 0, 0),
    Float64Array.of(1, 1, 1, 1, 1, 1, 1, 1, 1),
  );
  assert.ok(Math.abs(margins[0]!) < 1e-6);
  assert.ok(Number.isNaN(margins[1]!));
  assert.ok(Number.isFinite(margins[2]!) && margins[2]! > 0);
  assert.ok(Number.isFinite(margins[3]!) && margins[3]! < 0);
  assert.deepEqual(
    [...lookalikeMargins(
      { data: Float32Array.of(1, 1), rows: 2, cols: 1 },
      Int32Array.of(0, -1),
      new Float64Array(1),
    )],
    [0, NaN],
  );
});

Deno.test("lookalikeMargins() throws if shapes disagree", () => {
  const predProbs = { data: new Float32Array(3), rows: 1, cols: 3 };
  assert.throws(
    () => lookalikeMargins(predProbs, new Int32Array(2), UNKNOWN),
    RangeError,
  );
  assert.throws(
    () => lookalikeMargins(predProbs, new Int32Array(1), new Float64Array(4)),
    RangeError,
  );
});
