import assert from "node:assert/strict";
import { isolationForest } from "./isolation_forest.ts";
import { seededNormal } from "./seeded_normal.ts";
import { seededRandom } from "./seeded_random.ts";

function points(rows: number, cols: number, seed = 5) {
  const data = Float32Array.from({ length: rows * cols }, seededNormal(seed));
  return { data, rows, cols };
}

/** Depth of a value among random cuts of all, recursively: mean over many draws, no tree kept. */
function slowDepth(values: number[], x: number, random: () => number): number {
  if (values.length < 2) return 0;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const cut = least + (most - least) * random();
  return 1 +
    slowDepth(values.filter((v) => (v < cut) === (x < cut)), x, random);
}

Deno.test("isolationForest() scores as random cuts of all rows isolate each, drawn anew every time", () => {
  const values = [0, 0.3, 0.35, 0.5, 0.6, 0.9, 1, 5];
  const { length: rows } = values;
  const found = isolationForest(
    { data: Float32Array.from(values), rows, cols: 1 },
    undefined,
    {
      nTrees: 4000,
      seed: 2,
    },
  );
  const random = seededRandom(6);
  const usual = 2 * (Math.log(rows - 1) + 0.5772156649) - 2 * (rows - 1) / rows;
  // a tree stops at depth 3, where what is left counts with its usual depth: compare what is isolated sooner
  const depth = Array.from({ length: 4000 }, () => slowDepth(values, 5, random))
    .reduce((a, b) => a + b) / 4000;
  assert.ok(
    Math.abs(found[7]! - 2 ** (-depth / usual)) < 0.02,
    `${found[7]} ${depth}`,
  );
  assert.ok(found.slice(0, 7).every((s) => s < found[7]!));
});

Deno.test("isolationForest() finds a clump that is small beside the rest", () => {
  const all = points(1000, 8);
  for (let i = 0; i < 30; i++) all.data.fill(6, i * 8, (i + 1) * 8);
  const scores = isolationForest(all);
  const least = Math.min(...scores.subarray(0, 30));
  assert.ok(scores.subarray(30).every((s) => s < least));
  assert.ok(scores.every((s) => s > 0 && s <= 1));
});

Deno.test("isolationForest() gives the same for the same seed, asked rows those of all, unusable rows NaN", () => {
  const all = points(300, 3);
  const scores = isolationForest(all);
  assert.deepEqual(isolationForest(all), scores);
  assert.deepEqual([...isolationForest(all, [7, 200])], [
    scores[7],
    scores[200],
  ]);
  const data = Float32Array.from([...all.data, NaN, 0, 0]);
  assert.ok(Number.isNaN(isolationForest({ data, rows: 301, cols: 3 })[300]!));
});

Deno.test("isolationForest() of points that do not differ says .5 throughout", () => {
  const scores = isolationForest({
    data: new Float32Array(20),
    rows: 10,
    cols: 2,
  });
  assert.ok(scores.every((s) => Math.abs(s - 0.5) < 1e-9));
  assert.equal(
    isolationForest({ data: new Float32Array(), rows: 0, cols: 2 }).length,
    0,
  );
  assert.deepEqual(
    isolationForest({ data: new Float32Array(2), rows: 1, cols: 2 }),
    Float64Array.of(0.5),
  );
});
