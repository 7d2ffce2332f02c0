import assert from "node:assert/strict";
import { logisticPosterior } from "./logistic_posterior.ts";

/** Mean and variance of one coefficient with x of n outcomes 1, by summing over a fine grid; priors count by what they give the outcomes. */
function onGrid(
  x: number,
  n: number,
  mean: number,
  deviations: readonly number[],
) {
  let [weights, sum, squares] = [0, 0, 0];
  for (const deviation of deviations) {
    for (let z = -15; z <= 15; z += 0.002) {
      const weight = Math.exp(
        x * z - n * Math.log1p(Math.exp(z)) -
          ((z - mean) / deviation) ** 2 / 2,
      ) / deviation;
      weights += weight;
      sum += weight * z;
      squares += weight * z * z;
    }
  }
  const average = sum / weights;
  return { mean: average, variance: squares / weights - average ** 2 };
}

function deviationOf(draws: readonly Float64Array[], j: number): number {
  const mean = draws.reduce((sum, d) => sum + d[j]!, 0) / draws.length;
  return Math.sqrt(
    draws.reduce((sum, d) => sum + (d[j]! - mean) ** 2, 0) / draws.length,
  );
}

for (
  const [x, n, mean, deviations] of [
    [0, 8, 0, [2]],
    [1, 20, -1, [1.5]],
    [30, 40, 0, [0.3, 1.2]],
  ] as const
) {
  Deno.test(`logisticPosterior() of ${x} in ${n} agrees with sums over a grid`, () => {
    const expected = onGrid(x, n, mean, deviations);
    const found = logisticPosterior({
      features: Array(n).fill(1),
      outcomes: Array.from({ length: n }, (_, i) => i < x ? 1 : 0),
      priorMeans: [mean],
      priorDeviations: deviations.map((d) => [d]),
      seed: 1,
    });
    const deviation = Math.sqrt(expected.variance);
    assert.ok(
      Math.abs(found.mean[0]! - expected.mean) < 0.1 * deviation,
      `${found.mean[0]} instead of ${expected.mean}`,
    );
    const ratio = deviationOf(found.draws, 0) / deviation;
    assert.ok(Math.abs(ratio - 1) < 0.12, `${ratio}`);
  });
}

Deno.test("logisticPosterior() without outcomes is the priors, and repeats for a seed", () => {
  const inputs = {
    features: [],
    outcomes: [],
    priorMeans: [0.5, -2],
    priorDeviations: [[1, 0.25]],
    seed: 3,
  };
  const found = logisticPosterior(inputs);
  assert.deepEqual(found, logisticPosterior(inputs));
  found.mean.forEach((m, j) =>
    assert.ok(Math.abs(m - inputs.priorMeans[j]!) < 1e-9)
  );
  assert.ok(Math.abs(deviationOf(found.draws, 0) - 1) < 0.12);
  assert.ok(Math.abs(deviationOf(found.draws, 1) - 0.25) < 0.03);
});

Deno.test("logisticPosterior() counts priors by what they foretold", () => {
  // far from the narrow prior: only the wide one explains the outcomes
  const { mean } = logisticPosterior({
    features: Array(60).fill(1),
    outcomes: Array(60).fill(1),
    priorMeans: [-1],
    priorDeviations: [[0.1], [3]],
    seed: 0,
  });
  assert.ok(mean[0]! > 2, `${mean[0]}`);
});
