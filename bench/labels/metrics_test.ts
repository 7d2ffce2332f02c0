import assert from "node:assert/strict";
import { seededRandom } from "../../shared/statistics/seeded_random.ts";
import {
  averagePrecision,
  brierSkill,
  calibrationError,
  f1Of,
  pairedInterval,
} from "./metrics.ts";

const near = (a: number, b: number) =>
  assert.ok(Math.abs(a - b) < 1e-12, `${a} instead of ${b}`);

Deno.test("averagePrecision() is the mean precision at each wrong label, equal scores as one step", () => {
  near(averagePrecision([4, 3, 2, 1], [1, 0, 1, 0]), (1 + 2 / 3) / 2);
  near(averagePrecision([1, 1, 1, 1], [1, 0, 1, 0]), 0.5);
  near(averagePrecision([NaN, 2], [1, 0]), 0.5);
});

Deno.test("f1Of() is the harmonic mean of precision and recall", () => {
  near(f1Of([1, 1, 0, 0], [1, 0, 1, 1]), 2 * (1 / 2) * (1 / 3) / (5 / 6));
  assert.equal(f1Of([0, 0], [0, 0]), 0);
});

Deno.test("calibrationError() is the mean gap of bins", () => {
  near(calibrationError([0.1, 0.1, 0.9, 0.9], [0, 0, 1, 0], 2), 0.25);
  near(calibrationError([0.5, 0.5], [0, 1], 1), 0);
});

Deno.test("brierSkill() is 1 for the truth and 0 for the share", () => {
  near(brierSkill([1, 0, 0, 1], [1, 0, 0, 1]), 1);
  near(brierSkill([0.5, 0.5, 0.5, 0.5], [1, 0, 0, 1]), 0);
});

Deno.test("pairedInterval() holds the mean and repeats for a seed", () => {
  const values = Array.from({ length: 40 }, (_, i) => i % 4);
  const found = pairedInterval(values, seededRandom(1));
  near(found.mean, 1.5);
  assert.ok(found.low < 1.5 && found.low > 1);
  assert.ok(found.high > 1.5 && found.high < 2);
  assert.deepEqual(pairedInterval(values, seededRandom(1)), found);
});
