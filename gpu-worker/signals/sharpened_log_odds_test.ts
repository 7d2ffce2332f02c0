import assert from "node:assert/strict";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { sigmoid } from "../kernels/sigmoid.ts";
import { sharpenedLogOdds, type SharpenInputs } from "./sharpened_log_odds.ts";

/** Rows whose log-odds are wrong by what a signal says; the first `nReviewed` are judged. */
function made(n: number, nReviewed: number, seed = 1): SharpenInputs {
  const [random, normal] = [seededRandom(seed), seededNormal(seed)];
  const logOdds = Float64Array.from({ length: n }, () => -1 + 2 * normal());
  const signal = Float64Array.from({ length: n }, () => 5 + 3 * normal());
  const truth = logOdds.map((z, i) => z + (signal[i]! - 5) / 3 - 0.8);
  return {
    logOdds,
    signals: [signal],
    givenLabels: Int32Array.from({ length: n }, (_, i) => i % 3),
    suggestedLabels: Int32Array.from({ length: n }, (_, i) => (i + 1) % 3),
    reviewedRows: Int32Array.from({ length: nReviewed }, (_, i) => i),
    isWrong: Uint8Array.from(
      { length: nReviewed },
      (_, i) => random() < sigmoid(truth[i]!) ? 1 : 0,
    ),
  };
}

Deno.test("sharpenedLogOdds() agrees with the definition, maximised by a search of ever smaller steps", () => {
  const inputs = made(60, 40);
  const { logOdds, signals, reviewedRows, isWrong } = inputs;
  const mean = signals[0]!.reduce((a, b) => a + b) / 60;
  const deviation = Math.sqrt(
    signals[0]!.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 60,
  );
  const curve = (c: number[], i: number) =>
    c[0]! + c[1]! * logOdds[i]! +
    c[2]! * (signals[0]![i]! - mean) / deviation;
  const loss = (c: number[]) => {
    let sum = (c[0]! / 0.8) ** 2 / 2 + ((c[1]! - 1) / 0.3) ** 2 / 2 +
      (c[2]! / 0.5) ** 2 / 2;
    reviewedRows.forEach((row, i) => {
      const p = sigmoid(curve(c, row));
      sum -= Math.log(isWrong[i] ? p : 1 - p);
    });
    return sum;
  };
  const best = [0, 1, 0];
  for (let step = 0.5; step > 1e-8;) {
    const before = loss(best);
    for (const j of best.keys()) {
      for (const sign of [-1, 1]) {
        const tried = best.with(j, best[j]! + sign * step);
        if (loss(tried) < loss(best)) best[j] = tried[j]!;
      }
    }
    if (loss(best) === before) step /= 2;
  }
  const found = sharpenedLogOdds(inputs);
  for (let i = 0; i < 60; i++) {
    let [sum, n] = [0, 0];
    reviewedRows.forEach((row, at) => {
      if (
        inputs.givenLabels[row] !== inputs.givenLabels[i] ||
        inputs.suggestedLabels[row] !== inputs.suggestedLabels[i]
      ) return;
      sum += isWrong[at]! - sigmoid(curve(best, row));
      n++;
    });
    const expected = curve(best, i) + 3 * sum / (n + 4);
    assert.ok(
      Math.abs(found.logOdds[i]! - expected) < 1e-4,
      `${i}: ${found.logOdds[i]} instead of ${expected}`,
    );
  }
});

Deno.test("sharpenedLogOdds() says what is wrong better than before, of rows nobody judged", () => {
  const inputs = made(4000, 300);
  const { logOdds } = sharpenedLogOdds(inputs);
  const truth = inputs.logOdds.map((z, i) =>
    sigmoid(z + (inputs.signals[0]![i]! - 5) / 3 - 0.8)
  );
  const error = (z: Float64Array) =>
    z.subarray(300).reduce(
      (sum, x, i) => sum + (sigmoid(x) - truth[300 + i]!) ** 2,
      0,
    );
  assert.ok(error(logOdds) < 0.2 * error(inputs.logOdds));
});

Deno.test("sharpenedLogOdds() is what it was without verdicts, and where nothing is known", () => {
  const inputs = made(20, 0);
  inputs.logOdds[3] = NaN;
  inputs.signals[0]![4] = NaN;
  assert.deepEqual(sharpenedLogOdds(inputs).logOdds, inputs.logOdds);
  const some = { ...inputs, reviewedRows: Int32Array.of(3), isWrong: [1] };
  assert.equal(sharpenedLogOdds(some).nReviewed, 0);
  assert.deepEqual(sharpenedLogOdds(some).logOdds, inputs.logOdds);
});

Deno.test("sharpenedLogOdds() keeps every pair of a given and a suggested label apart, none suggested included", () => {
  const labels = [-1, 0, 1, 2];
  const pairs = labels.flatMap((y) => labels.map((s) => [y, s] as const));
  const judged = pairs.findIndex(([y, s]) => y === 1 && s === -1);
  const { logOdds } = sharpenedLogOdds({
    logOdds: new Float64Array(pairs.length),
    signals: [],
    givenLabels: Int32Array.from(pairs, ([y]) => y),
    suggestedLabels: Int32Array.from(pairs, ([, s]) => s),
    reviewedRows: Int32Array.of(judged),
    isWrong: [1],
  });
  const all = logOdds[0]!;
  const expected = pairs.map((_, i) => i === judged);
  assert.deepEqual([...logOdds].map((z) => z > all), expected);
});

Deno.test("sharpenedLogOdds() draws curves that are spread as little as there are verdicts", () => {
  const spread = (n: number) => {
    const { draw } = sharpenedLogOdds(made(500, n));
    const normal = seededNormal(3);
    const values = Array.from({ length: 400 }, () => draw(normal)(499));
    const mean = values.reduce((a, b) => a + b) / values.length;
    return Math.sqrt(
      values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length,
    );
  };
  assert.ok(spread(300) < 0.5 * spread(5), `${spread(5)} ${spread(300)}`);
});

Deno.test("sharpenedLogOdds() throws if arrays differ in length", () => {
  assert.throws(
    () => sharpenedLogOdds({ ...made(5, 0), givenLabels: new Int32Array(4) }),
    { name: "RangeError", message: /5 rows: current value is 4/ },
  );
});
