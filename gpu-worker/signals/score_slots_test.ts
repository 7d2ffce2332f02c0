import assert from "node:assert/strict";
import { probMatrix } from "../kernels/prob_rows.ts";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { MOST_SLOTS } from "./class_sums.ts";
import { noisePosterior, TEMPERATURES } from "./noise_posterior.ts";
import { ScoreSlots } from "./score_slots.ts";

/** Scores about 1 for the true class, as a regression gives them; every tenth label is another. */
function dataset(n: number, k: number) {
  const normal = seededNormal(n + k);
  const data = Float32Array.from(
    { length: n * k },
    (_, at) =>
      (Math.floor(at / k) * 7 % k === at % k ? 0.8 : 0) + normal() / 16,
  );
  const labels = Int32Array.from(
    { length: n },
    (_, i) => i % 50 === 7 ? -1 : (i * 7 + (i % 10 === 3 ? 1 + i % 3 : 0)) % k,
  );
  const slots = new ScoreSlots(n, k, TEMPERATURES);
  labels.forEach((y, i) => {
    if (i !== 5) slots.set(i, data.subarray(i * k, (i + 1) * k), y);
  });
  data.fill(NaN, 5 * k, 6 * k);
  return { scores: { data, rows: n, cols: k }, labels, slots };
}

Deno.test("ScoreSlots keep the largest scores and the label's, and what the others weigh together", () => {
  const [n, k] = [20, 100];
  const { scores, labels, slots } = dataset(n, k);
  for (let i = 0; i < n; i++) {
    const own = Array.from(
      slots.classes.subarray(i * MOST_SLOTS, (i + 1) * MOST_SLOTS),
    );
    if (i === 5) {
      assert.ok(own.every((c) => c === -1));
      continue;
    }
    const row = scores.data.subarray(i * k, (i + 1) * k);
    const max = Math.max(...row);
    const expected = [...row.keys()].sort((a, b) =>
      Number(b === labels[i]) - Number(a === labels[i]) ||
      row[b]! - row[a]! || a - b
    ).slice(0, MOST_SLOTS).sort((a, b) => a - b);
    assert.deepEqual(own, expected);
    expected.forEach((c, j) =>
      assert.equal(
        slots.scores[i * MOST_SLOTS + j],
        Math.fround(row[c]! - max),
      )
    );
    TEMPERATURES.forEach((temperature, t) => {
      const rest = row.reduce(
        (sum, x, c) =>
          sum + (own.includes(c) ? 0 : Math.exp(temperature * (x - max))),
        0,
      );
      const found = slots.rest[i * TEMPERATURES.length + t]!;
      assert.ok(Math.abs(found - rest) <= 1e-5 * rest, `${found} for ${rest}`);
    });
  }
});

Deno.test("noisePosterior() of the largest scores is that of all, but for how the others share what they have", () => {
  const { scores, labels, slots } = dataset(600, 100);
  const whole = noisePosterior(scores, labels);
  const few = noisePosterior(slots, labels);
  assert.equal(few.temperature, whole.temperature);
  few.noise.forEach((x, at) =>
    assert.ok(Math.abs(x - whole.noise[at]!) < 1e-4)
  );
  few.logOdds.forEach((z, i) => {
    if (Number.isNaN(whole.logOdds[i]!)) assert.ok(Number.isNaN(z));
    else assert.ok(Math.abs(z - whole.logOdds[i]!) < 0.01, `${i}: ${z}`);
  });
  const probs = probMatrix(few.probs);
  whole.probs.data.forEach((p, at) => {
    const found = probs.data[at]!;
    if (Number.isNaN(p)) assert.ok(Number.isNaN(found));
    else assert.ok(Math.abs(found - p) < 1e-3);
  });
  const sums = probs.data.subarray(0, 100).reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sums - 1) < 1e-6);
});

Deno.test("noisePosterior() of as many slots as classes is that of all", () => {
  const { scores, labels, slots } = dataset(300, 40);
  const whole = noisePosterior(scores, labels);
  const same = noisePosterior(slots, labels);
  assert.equal(same.temperature, whole.temperature);
  same.logOdds.forEach((z, i) => {
    const expected = whole.logOdds[i]!;
    if (Number.isNaN(expected)) assert.ok(Number.isNaN(z));
    else assert.ok(Math.abs(z - expected) < 1e-4, `${i}: ${z}`);
  });
});
