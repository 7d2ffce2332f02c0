import assert from "node:assert/strict";
import { knnGraph } from "../graphs/knn_graph.ts";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { classDistances } from "./class_distances.ts";
import { outlierness } from "./outlierness.ts";

async function lookAt(
  points: { data: Float32Array; rows: number; cols: number },
  classes: Int32Array,
) {
  const graph = await knnGraph({
    queries: points,
    base: points,
    selfOffset: 0,
    k: 20,
    metric: "cosine",
  });
  return outlierness(await classDistances(points, classes), graph);
}

/** Classes around centres of their own. */
function clean(n: number, cols: number, nClasses: number) {
  const normal = seededNormal(cols);
  const centres = Float64Array.from(
    { length: nClasses * cols },
    () => 4 * normal(),
  );
  const classes = Int32Array.from({ length: n }, (_, i) => i % nClasses);
  const data = Float32Array.from(
    { length: n * cols },
    (_, at) =>
      centres[classes[Math.floor(at / cols)]! * cols + at % cols]! + normal(),
  );
  return { points: { data, rows: n, cols }, classes };
}

for (const [cols, nClasses] of [[8, 4], [64, 10], [256, 5]] as const) {
  Deno.test(`outlierness() of clean classes, width ${cols}, is above 3.5 for at most 1.5 %`, async () => {
    const { points, classes } = clean(1500, cols, nClasses);
    const { deviations } = await lookAt(points, classes);
    const above = deviations.filter((z) => z > 3.5).length;
    assert.ok(above <= 0.015 * 1500, String(above));
  });
}

Deno.test("outlierness() finds a clump of garbage and single strangers, and says in what they are far", async () => {
  const { points, classes } = clean(1500, 16, 5);
  const normal = seededNormal(77);
  for (let i = 0; i < 20; i++) { // a clump, taken for any class
    for (let j = 0; j < 16; j++) {
      points.data[i * 16 + j] = 0.1 * normal() + (j === 3 ? 9 : -5);
    }
  }
  for (let i = 20; i < 24; i++) { // the right direction, ten times too far
    for (let j = 0; j < 16; j++) points.data[i * 16 + j]! *= 10;
  }
  const { deviations, look, timesUsual } = await lookAt(points, classes);
  const order = [...deviations.keys()].sort((a, b) =>
    deviations[b]! - deviations[a]!
  );
  assert.deepEqual(
    order.slice(0, 24).sort((a, b) => a - b),
    Array.from({ length: 24 }, (_, i) => i),
  );
  for (let i = 20; i < 24; i++) {
    assert.equal(look[i], "position");
    assert.ok(timesUsual[i]! > 3);
  }
});

Deno.test("outlierness() is ln(sum of exp) of the looks that know something", () => {
  const nothing = new Float64Array(5).fill(NaN);
  const distance = Float64Array.of(1, 2, 3, 4, 5);
  const classes = new Int32Array(5);
  const both = { classes, position: distance, direction: distance };
  const one = outlierness({ ...both, direction: nothing }, null);
  const two = outlierness(both, null);
  one.deviations.forEach((z, i) =>
    assert.ok(Math.abs(two.deviations[i]! - (z + Math.log(2))) < 1e-12)
  );
  const none = outlierness(
    { classes, position: nothing, direction: nothing },
    null,
  );
  assert.ok(none.deviations.every(Number.isNaN));
  assert.ok(none.look.every((l) => l === undefined));
});

Deno.test("outlierness() tells no multiple of a usual distance of 0", () => {
  const nothing = new Float64Array(20).fill(NaN);
  const position = Float64Array.from(
    { length: 20 },
    (_, i) => Math.max(0, i - 12),
  );
  const { timesUsual, look, deviations } = outlierness(
    { classes: new Int32Array(20), position, direction: nothing },
    null,
  );
  assert.ok(deviations[19]! > 1);
  assert.equal(look[19], "position");
  assert.ok(timesUsual.every(Number.isNaN));
});

Deno.test("outlierness() takes what is usual from the class, the more the larger it is", () => {
  const normal = seededNormal(5);
  const moved = (members: number) => {
    const n = 2000 + members;
    const classes = Int32Array.from({ length: n }, (_, i) => i < 2000 ? 0 : 1);
    const position = Float64Array.from( // class 1 is narrower
      classes,
      (k) => Math.exp(0.2 * normal() - 0.3 * k),
    );
    const direction = new Float64Array(n).fill(NaN);
    const meanOf = (classes: Int32Array) =>
      outlierness({ classes, position, direction }, null).deviations
        .subarray(2000).reduce((a, b) => a + b) / members;
    return meanOf(classes) - meanOf(new Int32Array(n));
  };
  const [few, many] = [moved(20), moved(500)];
  assert.ok(few > 0 && few < 0.5 && many > 2 * few, `${few} ${many}`);
});

Deno.test("outlierness() of equal distances in one class does not make another's far", () => {
  const n = 400;
  const classes = Int32Array.from({ length: n }, (_, i) => i % 4);
  const normal = seededNormal(6);
  const position = Float64Array.from(
    classes,
    (k, i) => k === 0 && i % 8 === 0 ? 0 : Math.exp(0.2 * normal()),
  );
  const direction = new Float64Array(n).fill(NaN);
  const { deviations } = outlierness({ classes, position, direction }, null);
  assert.ok(deviations.filter((z) => z > 3.5).length <= 0.02 * n);
});
