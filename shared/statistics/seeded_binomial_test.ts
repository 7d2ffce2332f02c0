import assert from "node:assert/strict";
import { seededBinomial } from "./seeded_binomial.ts";

Deno.test("seededBinomial() has the probabilities of few and of more trials", () => {
  for (const [n, p] of [[5, 0.3], [40, 0.1], [100, 0.97]] as const) {
    const binomial = seededBinomial(2);
    const counts = new Int32Array(n + 1);
    const draws = 20_000;
    for (let i = 0; i < draws; i++) counts[binomial(n, p)]!++;
    let probability = (1 - p) ** n;
    for (let k = 0; k <= n; k++) {
      const error = Math.abs(counts[k]! / draws - probability);
      assert.ok(
        error < 4.5 * Math.sqrt(probability / draws) + 1e-3,
        `${k} of ${n}: ${counts[k]! / draws} for ${probability}`,
      );
      probability *= (n - k) / (k + 1) * p / (1 - p);
    }
  }
});

Deno.test("seededBinomial() has mean and variance of a million trials", () => {
  const binomial = seededBinomial(9);
  const values = Array.from({ length: 4000 }, () => binomial(1e6, 0.02));
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) /
    values.length;
  assert.ok(Math.abs(mean - 20_000) < 9, `${mean}`);
  assert.ok(Math.abs(variance / 19_600 - 1) < 0.1, `${variance}`);
});

Deno.test("seededBinomial() is sure where the probability is", () => {
  const binomial = seededBinomial(1);
  assert.equal(binomial(1000, 0), 0);
  assert.equal(binomial(1000, 1), 1000);
  assert.equal(binomial(0, 0.5), 0);
});
