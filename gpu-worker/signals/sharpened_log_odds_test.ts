import assert from "node:assert/strict";
import { auditStrata, stratumKnots } from "@shared/audit/audit_strata.ts";
import { drawAudit, logOddsBins } from "@shared/audit/draw_audit.ts";
import { bendWeights } from "@shared/statistics/bends.ts";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { sigmoid } from "../kernels/sigmoid.ts";
import { errorCount } from "./error_count.ts";
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

Deno.test("sharpenedLogOdds() agrees with the definition: the curve of its coefficients, and pairs moved from it", () => {
  const inputs = made(60, 40);
  const { logOdds, signals, reviewedRows, isWrong } = inputs;
  const found = sharpenedLogOdds(inputs);
  const mean = signals[0]!.reduce((a, b) => a + b) / 60;
  const deviation = Math.sqrt(
    signals[0]!.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 60,
  );
  const bins = logOddsBins(logOdds);
  const knots = stratumKnots(auditStrata(bins, 30), bins);
  assert.equal(knots.length, 5);
  const c = found.coefficients;
  assert.equal(c.length, 8);
  const curve = (i: number) =>
    c[0]! + c[1]! * logOdds[i]! +
    c[2]! * (signals[0]![i]! - mean) / deviation +
    bendWeights(logOdds[i]!, knots).reduce((s, w, k) => s + w * c[3 + k]!, 0);
  for (let i = 0; i < 60; i++) {
    let [sum, precision] = [0, 4];
    reviewedRows.forEach((row, at) => {
      if (
        inputs.givenLabels[row] !== inputs.givenLabels[i] ||
        inputs.suggestedLabels[row] !== inputs.suggestedLabels[i]
      ) return;
      const p = sigmoid(curve(row));
      sum += isWrong[at]! - p;
      precision += p * (1 - p);
    });
    const expected = curve(i) + sum / precision;
    assert.ok(
      Math.abs(found.logOdds[i]! - expected) < 1e-9,
      `${i}: ${found.logOdds[i]} instead of ${expected}`,
    );
  }
});

Deno.test("sharpenedLogOdds() knows how sure it is where the curve is bent: intervals hold the number of wrong labels", () => {
  let inside = 0;
  const rounds = 60;
  for (let round = 0; round < rounds; round++) {
    const [random, normal] = [seededRandom(round), seededNormal(round + 1000)];
    const n = 800;
    const logOdds = Float64Array.from({ length: n }, () => -2 + 2 * normal());
    // as many are wrong as thought, but for the middle
    const truth = Uint8Array.from(
      logOdds,
      (z) => random() < sigmoid(z - (Math.abs(z + 2) < 1.5 ? 1 : 0)) ? 1 : 0,
    );
    const reviewedRows = drawAudit(logOdds, 80, round).rows;
    const { logOdds: sharpened, drawOfAll } = sharpenedLogOdds({
      logOdds,
      signals: [],
      givenLabels: new Int32Array(n),
      suggestedLabels: new Int32Array(n),
      reviewedRows,
      isWrong: reviewedRows.map((row) => truth[row]!),
    });
    const open = Int32Array.from(logOdds.keys())
      .filter((row) => !reviewedRows.includes(row));
    const { low, high } = errorCount(open, sharpened, drawOfAll);
    const wrong = open.reduce((sum, row) => sum + truth[row]!, 0);
    if (low <= wrong && wrong <= high) inside++;
  }
  assert.ok(inside / rounds > 0.8, `${inside} of ${rounds}`);
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
