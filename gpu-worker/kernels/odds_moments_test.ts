import assert from "node:assert/strict";
import { oddsMoments } from "./odds_moments.ts";
import { seededRandom } from "./seeded_random.ts";
import { sigmoid } from "./sigmoid.ts";

const near = (a: number, b: number) =>
  assert.ok(Math.abs(a - b) < 1e-12, `${a} ${b}`);

Deno.test("oddsMoments() are the means of shifted sigmoids and of their derivatives", () => {
  const random = seededRandom(1);
  const z = Float64Array.from(
    { length: 1000 },
    () => random() < 0.1 ? NaN : 20 * random() - 10,
  );
  const odds = z.map((x) => Math.exp(-x));
  for (const [shift, stride] of [[0, 1], [-2, 1], [3, 7]] as const) {
    const p = [...z].filter((x, i) => i % stride === 0 && !Number.isNaN(x))
      .map((x) => sigmoid(x + shift));
    const mean = (f: (p: number) => number) =>
      p.reduce((sum, x) => sum + f(x), 0) / p.length;
    const { n, ...means } = oddsMoments(odds, Math.exp(-shift), stride);
    assert.equal(n, p.length);
    near(means.mean, mean((x) => x));
    near(means.slope, mean((x) => x * (1 - x)));
    near(means.bend, mean((x) => x * (1 - x) * (1 - 2 * x)));
  }
});

Deno.test("oddsMoments() are defined where odds overflow, and NaN of nothing", () => {
  const { mean } = oddsMoments(Float64Array.of(0, Infinity), 1e-8);
  assert.equal(mean, 0.5);
  const { n, slope } = oddsMoments(Float64Array.of(NaN));
  assert.deepEqual([n, slope], [0, NaN]);
});
