import assert from "node:assert/strict";
import {
  laplaceDraw,
  type LogisticInputs,
  mapLogistic,
} from "./map_logistic.ts";
import { seededNormal } from "./seeded_normal.ts";
import { seededRandom } from "./seeded_random.ts";

/** Outcomes of a known curve. */
function made(n: number, seed: number): LogisticInputs {
  const random = seededRandom(seed);
  const normal = seededNormal(seed);
  const features: number[] = [];
  const outcomes: number[] = [];
  for (let i = 0; i < n; i++) {
    const x = [1, 2 * normal(), normal()];
    features.push(...x);
    const z = -1 + 0.7 * x[1]! + 0.4 * x[2]!;
    outcomes.push(random() < 1 / (1 + Math.exp(-z)) ? 1 : 0);
  }
  return {
    features,
    outcomes,
    priorMeans: [0, 1, 0],
    priorDeviations: [0.8, 0.3, 0.5],
  };
}

/** Minus the log of the posterior, term by term. */
function loss(inputs: LogisticInputs, c: readonly number[]): number {
  let sum = 0;
  c.forEach((x, j) =>
    sum += ((x - inputs.priorMeans[j]!) / inputs.priorDeviations[j]!) ** 2 / 2
  );
  Array.from(inputs.outcomes).forEach((y, i) => {
    let z = 0;
    c.forEach((x, j) => z += x * inputs.features[i * c.length + j]!);
    sum -= Math.log(y ? 1 / (1 + Math.exp(-z)) : 1 / (1 + Math.exp(z)));
  });
  return sum;
}

Deno.test("mapLogistic() agrees with a search of ever smaller steps", () => {
  for (const n of [0, 3, 60]) {
    const inputs = made(n, n);
    const best = [...inputs.priorMeans];
    for (let step = 0.5; step > 1e-6;) {
      const before = loss(inputs, best);
      for (let j = 0; j < best.length; j++) {
        for (const sign of [-1, 1]) {
          const tried = best.with(j, best[j]! + sign * step);
          if (loss(inputs, tried) < loss(inputs, best)) best[j] = tried[j]!;
        }
      }
      if (loss(inputs, best) === before) step /= 2;
    }
    const { coefficients } = mapLogistic(inputs);
    best.forEach((x, j) =>
      assert.ok(
        Math.abs(x - coefficients[j]!) < 1e-4,
        `${n}: ${best} ${coefficients}`,
      )
    );
  }
});

Deno.test("mapLogistic() stays with its priors where all outcomes are the same and features are large", () => {
  const { coefficients } = mapLogistic({
    features: [1, 300, 1, -200, 1, 50],
    outcomes: [1, 1, 1],
    priorMeans: [0, 1],
    priorDeviations: [0.8, 0.3],
  });
  assert.ok(coefficients.every((c) => Number.isFinite(c) && Math.abs(c) < 3));
});

Deno.test("laplaceDraw() has the covariance of the inverse second derivative", () => {
  const inputs = made(80, 4);
  const fit = mapLogistic(inputs);
  const normal = seededNormal(1);
  const draws = Array.from({ length: 20_000 }, () => laplaceDraw(fit, normal));
  const center = [...fit.coefficients];
  const width = center.length;
  const covariance = (j: number, k: number) =>
    draws.reduce(
      (sum, d) => sum + (d[j]! - center[j]!) * (d[k]! - center[k]!),
      0,
    ) / draws.length;
  const h = 1e-3;
  const at = (j: number, k: number, a: number, b: number) => {
    const c = [...center];
    c[j]! += a * h;
    c[k]! += b * h;
    return loss(inputs, c);
  };
  for (let j = 0; j < width; j++) {
    for (let k = 0; k < width; k++) { // second derivative times covariance is 1
      let product = 0;
      for (let l = 0; l < width; l++) {
        const second = (at(j, l, 1, 1) - at(j, l, 1, -1) - at(j, l, -1, 1) +
          at(j, l, -1, -1)) / (4 * h * h);
        product += second * covariance(l, k);
      }
      assert.ok(
        Math.abs(product - (j === k ? 1 : 0)) < 0.1,
        `${j} ${k}: ${product}`,
      );
    }
  }
});

Deno.test("mapLogistic() throws if lengths disagree", () => {
  assert.throws(
    () =>
      mapLogistic({
        features: [1, 2, 3],
        outcomes: [1],
        priorMeans: [0, 1],
        priorDeviations: [1, 1],
      }),
    { name: "RangeError", message: /1 x 2 features: current value is 3/ },
  );
});
