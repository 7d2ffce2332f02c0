import assert from "node:assert/strict";
import { expectedF1Threshold } from "./expected_f1_threshold.ts";
import { seededRandom } from "./seeded_random.ts";

/** The best n by sorting and trying them all. */
function slowCount(probabilities: number[]): number {
  const sorted = probabilities.map((p) => p || 0).sort((a, b) => b - a);
  const total = sorted.reduce((a, b) => a + b, 0);
  const f1 = sorted.map((_, i) =>
    2 * sorted.slice(0, i + 1).reduce((a, b) => a + b, 0) / (i + 1 + total)
  );
  return f1.indexOf(Math.max(...f1)) + 1;
}

Deno.test("expectedF1Threshold() flags as many as sorting and trying all would", () => {
  const random = seededRandom(1);
  for (let round = 1; round <= 200; round++) {
    const p = Array.from(
      { length: round },
      () => random() < 0.1 ? NaN : random() ** (1 + round % 7),
    );
    const threshold = expectedF1Threshold(p);
    const flagged = p.filter((x) => x > threshold);
    assert.equal(flagged.length, slowCount(p));
    const reached = 2 * flagged.reduce((a, b) => a + b, 0) /
      (flagged.length + p.reduce((a, b) => a + (b || 0), 0));
    assert.ok(Math.abs(reached / 2 - threshold) < 1e-12);
  }
});

Deno.test("expectedF1Threshold() does so where there are many, and those looked at first are like no others", () => {
  const random = seededRandom(2);
  for (const first of [0, 0.02, 0.98, NaN]) {
    const p = Array.from(
      { length: 20_000 },
      (_, i) => i % 64 === 0 ? first : random() ** 4,
    );
    const sorted = p.map((x) => x || 0).sort((a, b) => b - a);
    const total = sorted.reduce((a, b) => a + b, 0);
    let [sum, best, count] = [0, 0, 0];
    sorted.forEach((x, i) => {
      sum += x;
      if (sum / (i + 1 + total) > best) {
        best = sum / (i + 1 + total);
        count = i + 1;
      }
    });
    const threshold = expectedF1Threshold(p);
    assert.equal(p.filter((x) => x > threshold).length, count);
    assert.ok(Math.abs(threshold - best) < 1e-12);
  }
});

Deno.test("expectedF1Threshold() flags one of one, and nothing of nothing", () => {
  assert.ok(expectedF1Threshold([1e-3]) < 1e-3);
  assert.equal(expectedF1Threshold([]), 0);
  assert.equal(expectedF1Threshold([0, NaN]), 0);
});
