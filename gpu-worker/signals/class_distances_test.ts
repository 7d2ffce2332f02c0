import assert from "node:assert/strict";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { classDistances } from "./class_distances.ts";

const COLS = 6;

function made(n: number, shift = 3) {
  const data = Float32Array.from({ length: n * COLS }, seededNormal(12));
  const classes = Int32Array.from({ length: n }, (_, i) => i % 3 - 1);
  classes.forEach((c, i) => data[i * COLS]! += shift * c);
  return { points: { data, rows: n, cols: COLS }, classes };
}

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(...a.map((x, j) => x - b[j]!));
}

Deno.test("classDistances() are those that sorting all distances within the class gives", async () => {
  const { points, classes } = made(150); // 50 a class: all are references
  const row = (i: number) =>
    Array.from(points.data.subarray(i * COLS, (i + 1) * COLS));
  const unit = (i: number) => row(i).map((x) => x / Math.hypot(...row(i)));
  const { position, direction } = await classDistances(points, classes);
  for (let i = 0; i < 150; i++) {
    const others = [...classes.keys()].filter((j) =>
      j !== i && classes[j] === classes[i]
    );
    for (
      const [found, at] of [[position, row], [direction, unit]] as const
    ) {
      const sorted = others.map((j) => distance(at(i), at(j)))
        .sort((a, b) => a - b);
      assert.ok(Math.abs(found[i]! - sorted[4]!) < 1e-3); // 49 others: the fifth
    }
  }
});

Deno.test("classDistances() are as exact far from 0, and beside a value far from all", async () => {
  const { points, classes } = made(150);
  for (const shift of [300, -3000]) {
    const data = points.data.map((x) => x + shift);
    data[7 * COLS] = 1e9;
    const row = (i: number) => [...data.subarray(i * COLS, (i + 1) * COLS)];
    const { position } = await classDistances({ ...points, data }, classes);
    for (let i = 0; i < 150; i++) {
      if (i === 7) continue;
      const sorted = [...classes.keys()]
        .filter((j) => j !== i && classes[j] === classes[i])
        .map((j) => distance(row(i), row(j)))
        .sort((a, b) => a - b);
      assert.ok(Math.abs(position[i]! - sorted[4]!) < 1e-3, `${shift} ${i}`);
    }
  }
});

Deno.test("classDistances() by a hundred members say about what all say", async () => {
  const { points, classes } = made(3000);
  const few = (await classDistances(points, classes)).position;
  const all = Array.from({ length: 40 }, (_, at) => {
    const i = at * 70;
    const own = points.data.subarray(i * COLS, (i + 1) * COLS);
    const sorted = [...classes.keys()]
      .filter((j) => j !== i && classes[j] === classes[i])
      .map((j) =>
        distance([...own], [...points.data.subarray(j * COLS, (j + 1) * COLS)])
      ).sort((a, b) => a - b);
    return sorted[Math.ceil(0.1 * sorted.length) - 1]! / few[i]!;
  });
  assert.ok(all.every((ratio) => ratio > 0.7 && ratio < 1.4), all.join());
});

Deno.test("classDistances() see a clump that is smaller than a tenth of its class", async () => {
  const { points, classes } = made(600, 0);
  for (let i = 0; i < 45; i++) points.data.fill(9, i * COLS, (i + 1) * COLS);
  const { position } = await classDistances(points, classes);
  const clump = Math.min(...position.subarray(0, 45));
  assert.ok(position.subarray(45).every((d) => d < clump));
});

Deno.test("classDistances() know nothing of small classes and unusable rows", async () => {
  const { points } = made(40);
  points.data[0] = NaN;
  const classes = Int32Array.from({ length: 40 }, (_, i) => i > 35 ? 1 : 0);
  const { position, direction } = await classDistances(points, classes);
  for (const found of [position, direction]) {
    assert.ok(Number.isNaN(found[0]!));
    assert.ok(found.subarray(1, 36).every((d) => d > 0));
    assert.ok(found.subarray(36).every(Number.isNaN));
  }
  const none = { data: new Float32Array(), rows: 0, cols: 0 };
  assert.equal(
    (await classDistances(none, new Int32Array())).position.length,
    0,
  );
});
