import assert from "node:assert/strict";
import { seededRandom } from "../kernels/seeded_random.ts";
import { ClassSums, emptyClassSums, MOST_SLOTS } from "./class_sums.ts";

const K = 200;

/** Rows of probabilities over K classes; most of it on few of them. */
function randomRow(random: () => number): Float32Array {
  const row = Float32Array.from({ length: K }, () => random() ** 12);
  const sum = row.reduce((a, b) => a + b, 0);
  return row.map((p) => p / sum);
}

/** The definition, with a Map: sums of both, the largest kept, the label always. */
function slowMerge(
  own: ReadonlyMap<number, number>,
  more: ReadonlyMap<number, number>,
  label: number,
): Map<number, number> {
  const all = new Map(own);
  for (const [k, p] of more) {
    all.set(k, Math.fround((all.get(k) ?? 0) + p));
  }
  return new Map(
    [...all].sort(([a, p], [b, q]) =>
      Number(b === label) - Number(a === label) || q - p || a - b
    ).slice(0, MOST_SLOTS).sort(([a], [b]) => a - b),
  );
}

Deno.test("ClassSums keep what joining and sorting whole rows would", () => {
  const random = seededRandom(1);
  const arrays = emptyClassSums(3, K, true);
  const sums = new ClassSums(K, arrays);
  const epoch = new ClassSums(K, emptyClassSums(3, K, false));
  const label = 150;
  let slow = new Map<number, number>();
  for (let t = 0; t < 6; t++) {
    const row = randomRow(random);
    epoch.clear();
    epoch.add(1, row, 0, label);
    const once = slowMerge(new Map(), new Map(row.entries()), label);
    const weighted = new Map([...once].map(([k, p]) => [k, 0.5 * p]));
    sums.addWeighted(1, epoch, 0.5, epoch.argmax(1), label);
    slow = slowMerge(slow, weighted, label);
    assert.equal(epoch.argmax(1), row.indexOf(Math.max(...row)));
  }
  const start = MOST_SLOTS;
  assert.deepEqual(
    Array.from(arrays.classes!.subarray(start, 2 * start)),
    [...slow.keys()],
  );
  for (const [k, p] of slow) assert.equal(sums.sumOf(1, k), p);
  assert.ok(slow.has(label));
  const others = [...slow].filter(([k]) => k !== label).map(([, p]) => p);
  assert.equal(
    sums.margin(1, label),
    slow.get(label)! - Math.max(...others),
  );
  const out = new Float32Array(K);
  sums.spread(1, 3, out, 0);
  assert.ok(Math.abs(out.reduce((a, b) => a + b, 0) - 3) < 1e-4);
  const without = [...out.keys()].filter((k) => !slow.has(k));
  assert.equal(without.length, K - MOST_SLOTS);
  assert.equal(new Set(without.map((k) => out[k])).size, 1);
  let counted = 0;
  for (let k = 0; k < K; k++) counted += sums.countOf(1, k);
  assert.equal(counted, 6);
  assert.equal(sums.sumOf(0, 3), 0);
});

Deno.test("ClassSums of few classes hold every one, in its own place", () => {
  const arrays = emptyClassSums(2, 3, true);
  assert.equal(arrays.classes, null);
  const sums = new ClassSums(3, arrays);
  sums.add(1, Float32Array.of(9, 1, 2, 4), 1, -1);
  sums.add(1, Float32Array.of(1, 0, 0), 0, -1);
  sums.divide(1, 2);
  assert.deepEqual(arrays.sums, Float32Array.of(0, 0, 0, 1, 1, 2));
  assert.deepEqual([sums.argmax(1), sums.margin(1, 0)], [2, -1]);
});

Deno.test("ClassSums of many classes lose what comes in many parts, each smaller than what is kept", () => {
  const sums = new ClassSums(K, emptyClassSums(1, K, false));
  const first = new Float32Array(K).fill(1 / MOST_SLOTS, 0, MOST_SLOTS);
  sums.add(0, first, 0, -1);
  const late = new Float32Array(K);
  late[K - 1] = 0.015;
  for (let t = 0; t < 100; t++) sums.add(0, late, 0, -1);
  assert.equal(sums.sumOf(0, K - 1), 0);
  assert.equal(sums.sumOf(0, 0), 1 / MOST_SLOTS);
  const out = new Float32Array(K);
  sums.spread(0, 1 + 100 * 0.015, out, 0);
  assert.ok(Math.abs(out[K - 1]! - 1.5 / (K - MOST_SLOTS)) < 1e-6);
});
