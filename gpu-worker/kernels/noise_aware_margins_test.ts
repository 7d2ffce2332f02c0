import assert from "node:assert/strict";
import { logOddsMargins } from "./log_odds_margins.ts";
import { noiseAwareMargins } from "./noise_aware_margins.ts";
import { seededRandom } from "./seeded_random.ts";

const predProbs = {
  data: Float32Array.of(0.5, 0.25, 0.25, 0.125, 0.75, 0.125),
  rows: 2,
  cols: 3,
};
const near = (a: number, b: number) =>
  assert.ok(Math.abs(a - b) < 1e-6, `${a} ${b}`);

Deno.test("noiseAwareMargins() without a joint is the log-odds margin", () => {
  const margins = noiseAwareMargins(predProbs, Int32Array.of(0, 0));
  near(margins[0]!, Math.log(2));
  near(margins[1]!, -Math.log(6));
});

Deno.test("noiseAwareMargins() is lower where the noise explains the given label", () => {
  // by given and true: half of what is truly 1 was given label 0
  const joint = Float64Array.of(10, 5, 0, 0, 5, 0, 0, 0, 10);
  const labels = Int32Array.of(0, 0);
  const margins = noiseAwareMargins(predProbs, labels, joint);
  const t = (share: number) => Math.log(share / 2 + 0.5 / 3) / 4;
  const others = [0.75 * Math.exp(t(0.5)), 0.125 * Math.exp(t(0))];
  near(
    margins[1]!,
    Math.log(0.125) + t(1) -
      Math.log((others[0]! + others[1]! + Math.max(...others)) / 2),
  );
  const plain = noiseAwareMargins(predProbs, Int32Array.of(1, 1));
  assert.ok(margins[0]! < Math.log(2) + t(1) - t(0) && plain[1]! > 0);
});

Deno.test("noiseAwareMargins() agrees with the obvious slow version", () => {
  const random = seededRandom(2);
  const [rows, cols] = [300, 5];
  const data = Float32Array.from(
    { length: rows * cols },
    () => random() < 0.02 ? NaN : random() < 0.1 ? 0 : random(),
  );
  const labels = Int32Array.from(
    { length: rows },
    () => Math.floor(random() * (cols + 1)) - 1,
  );
  const joint = Float64Array.from(
    { length: cols * cols },
    (_, i) => i % cols === 3 ? 0 : random() * (i % (cols + 1) ? 20 : 90), // nobody looks like class 3
  );
  const predProbs = { data, rows, cols };
  const margins = noiseAwareMargins(predProbs, labels, joint);
  const plain = logOddsMargins(predProbs, labels);
  assert.deepEqual(noiseAwareMargins(predProbs, labels, joint, plain), margins);
  for (let i = 0; i < rows; i++) {
    const y = labels[i]!;
    const value = (k: number) => {
      const seen = Array.from({ length: cols }, (_, g) => joint[g * cols + k]!);
      const sum = seen.reduce((a, b) => a + b, 0);
      const share = sum > 0 ? seen[y]! / sum : Number(y === k);
      return Math.log(Math.max(data[i * cols + k]!, 1e-12)) +
        Math.log(share / 2 + 0.5 / cols) / 4;
    };
    const others = [0, 1, 2, 3, 4].filter((k) => k !== y).map(value);
    const sum = others.map(Math.exp).reduce((a, b) => a + b, 0);
    const both = Math.log((sum + Math.exp(Math.max(...others))) / 2);
    const expected = y < 0 ? NaN : value(y) - both;
    assert.equal(Number.isNaN(margins[i]!), Number.isNaN(expected));
    assert.ok(!(Math.abs(margins[i]! - expected) > 1e-10)); // a sum counts 0 as 0
  }
});

Deno.test("noiseAwareMargins() is NaN where unlabelled or NaN, and 0 with one class", () => {
  const withNaN = { data: Float32Array.of(NaN, 0.5, 1, 0), rows: 2, cols: 2 };
  assert.deepEqual(
    [...noiseAwareMargins(withNaN, Int32Array.of(0, -1))],
    [NaN, NaN],
  );
  const one = { data: Float32Array.of(1), rows: 1, cols: 1 };
  assert.equal(noiseAwareMargins(one, Int32Array.of(0))[0], 0);
});

Deno.test("noiseAwareMargins() stays finite at probability 0", () => {
  const sure = { data: Float32Array.of(0, 1), rows: 1, cols: 2 };
  assert.ok(Number.isFinite(noiseAwareMargins(sure, Int32Array.of(0))[0]));
});
