import assert from "node:assert/strict";
import { confidentContradictions } from "./confident_contradictions.ts";
import { logOddsMargins } from "./log_odds_margins.ts";

function shareOf(tops: readonly number[], labels: Int32Array) {
  const data = Float32Array.from(tops.flatMap((p) => [p, 1 - p]));
  const probs = { data, rows: tops.length, cols: 2 };
  return confidentContradictions(probs, labels, logOddsMargins(probs, labels));
}

Deno.test("confidentContradictions() counts in the surer half only, on either side", () => {
  const tops = [0.9, 0.6, 0.8, 0.7, 0.95, 0.02];
  assert.equal(shareOf(tops, Int32Array.of(0, 1, 1, 1, 0, 1)), 0);
  assert.equal(shareOf(tops, Int32Array.of(1, 0, 0, 0, 0, 0)), 2 / 3);
});

Deno.test("confidentContradictions() leaves out what is unlabelled or unknown, and is NaN of nothing", () => {
  const tops = [0.9, NaN, 0.8, 0.7];
  assert.equal(shareOf(tops, Int32Array.of(-1, 1, 1, 0)), 1);
  assert.ok(Number.isNaN(shareOf([0.9, NaN], Int32Array.of(-1, 0))));
  assert.ok(Number.isNaN(shareOf([], new Int32Array(0))));
});

Deno.test("confidentContradictions() looks at samples that are spread where there are many", () => {
  const n = 15_000; // every third is looked at: all of those contradict
  const tops = Array.from({ length: n }, (_, i) => 0.6 + 0.3 * i / n);
  const labels = Int32Array.from({ length: n }, (_, i) => i % 3 === 0 ? 1 : 0);
  assert.equal(shareOf(tops, labels), 1);
});
