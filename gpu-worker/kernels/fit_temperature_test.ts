import assert from "node:assert/strict";
import { fitTemperature } from "./fit_temperature.ts";
import { softmaxRows } from "./softmax_rows.ts";
import { seededRandom } from "@shared/statistics/seeded_random.ts";

/** Labels drawn from softmax(logits), told as softmax(scale * logits). */
function draw(n: number, scale: number) {
  const random = seededRandom(3);
  const K = 4;
  const logits = Float32Array.from({ length: n * K }, () => 4 * random() - 2);
  const shape = { rows: n, cols: K };
  const truth = softmaxRows({ data: logits, ...shape });
  const labels = Int32Array.from({ length: n }, (_, i) => {
    let u = random();
    let k = 0;
    while (k < K - 1 && (u -= truth.data[i * K + k]!) > 0) k++;
    return k;
  });
  const told = softmaxRows({ data: logits.map((x) => scale * x), ...shape });
  return { told, labels };
}

Deno.test("fitTemperature() finds how much too sure probabilities are", () => {
  for (const scale of [0.5, 1, 3]) {
    const { told, labels } = draw(8000, scale);
    const T = fitTemperature(told, labels);
    assert.ok(Math.abs(T / scale - 1) < 0.06, `${T} instead of ${scale}`);
  }
});

Deno.test("fitTemperature() is where the likelihood of a grid is largest", () => {
  const { told, labels } = draw(300, 2);
  const likelihood = (T: number) =>
    labels.reduce((sum, y, i) => {
      const p = told.data.subarray(4 * i, 4 * i + 4).map((x) => x ** (1 / T));
      return sum + Math.log(p[y]! / p.reduce((a, b) => a + b, 0));
    }, 0);
  const T = fitTemperature(told, labels);
  for (const other of [0.8 * T, 0.95 * T, 1.05 * T, 1.25 * T]) {
    assert.ok(likelihood(T) >= likelihood(other));
  }
});

Deno.test("fitTemperature() leaves out what is unknown", () => {
  const probs = {
    data: Float32Array.of(0.9, 0.1, NaN, NaN, 0.9, 0.1, 0.9, 0.1),
    ...{ rows: 4, cols: 2 },
  };
  assert.equal(
    fitTemperature(probs, Int32Array.of(0, 0, -1, 1)),
    fitTemperature(
      { data: Float32Array.of(0.9, 0.1, 0.9, 0.1), rows: 2, cols: 2 },
      Int32Array.of(0, 1),
    ),
  );
  assert.equal(fitTemperature(probs, new Int32Array(4).fill(-1)), NaN);
});
