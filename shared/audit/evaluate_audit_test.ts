import assert from "node:assert/strict";
import { BENDS } from "../statistics/bends.ts";
import { seededNormal } from "../statistics/seeded_normal.ts";
import { seededRandom } from "../statistics/seeded_random.ts";
import { drawAudit } from "./draw_audit.ts";
import { evaluateAudit } from "./evaluate_audit.ts";

/** Labels and what is thought of them: the odds are wrong by `shift` and `slope`. */
function made(n: number, seed: number, shift: number, slope: number) {
  const [random, normal] = [seededRandom(seed), seededNormal(seed + 1)];
  const logOdds = Float64Array.from(
    { length: n },
    () => random() < 0.85 ? -4 + normal() : 0.5 + 1.5 * normal(),
  );
  const isWrong = Array.from(
    logOdds,
    (z) => random() < 1 / (1 + Math.exp(-(shift + slope * z))),
  );
  return { logOdds, isWrong, nWrong: isWrong.filter((w) => w).length };
}

function audit(
  { logOdds, isWrong }: ReturnType<typeof made>,
  m: number,
  seed: number,
) {
  const { rows, strata, bins } = drawAudit(logOdds, m, seed);
  const judged = Array.from(rows, (row) => ({
    logOdds: logOdds[row]!,
    isWrong: isWrong[row]!,
  }));
  return evaluateAudit({ bins, strata, judged, seed });
}

Deno.test("evaluateAudit() holds the number of wrong labels about nine times in ten, however wrong the odds were", () => {
  const rounds = 25;
  for (const m of [30, 100]) {
    let inside = 0;
    let [width, simple] = [0, 0];
    for (let round = 0; round < 3 * rounds; round++) {
      const [shift, slope] = [[0, 1], [0.8, 1], [-0.7, 0.7]][round % 3]!;
      const data = made(1500, round, shift!, slope!);
      const { low, high } = audit(data, m, round);
      if (low <= data.nWrong && data.nWrong <= high) inside++;
      width += high - low;
      const rate = data.nWrong / 1500;
      simple += 2 * 1.645 * 1500 * Math.sqrt(rate * (1 - rate) / m);
    }
    const coverage = inside / (3 * rounds);
    assert.ok(coverage > 0.82 && coverage < 0.99, `${m}: ${coverage}`);
    assert.ok(width < 0.8 * simple, `${m}: ${width} of ${simple}`);
  }
});

Deno.test("evaluateAudit() of everything is the number itself", () => {
  const data = made(80, 3, 0, 1);
  const { low, mean, high, nSamples } = audit(data, 80, 0);
  assert.deepEqual([low, mean, high], Array(3).fill(data.nWrong));
  assert.equal(nSamples, 80);
});

Deno.test("evaluateAudit() agrees with the definition on a grid, one stratum, one bin", () => {
  // 400 samples at log-odds -1, 20 judged, 9 wrong: all that counts is z = constant - slope + bend there, normal before, with mean -1
  const bins = [{ bin: -40, n: 400 }];
  const strata = [{ from: -40, to: -40, nSamples: 400 }];
  const judged = Array.from({ length: 20 }, (_, i) => ({
    logOdds: -1,
    isWrong: i < 9,
  }));
  let [mean, weights] = [0, 0];
  for (const bend of BENDS) {
    const variance = 1.2 ** 2 + 0.5 ** 2 + bend ** 2;
    for (let z = -9; z <= 7; z += 0.01) {
      const p = 1 / (1 + Math.exp(-z));
      const weight = p ** 9 * (1 - p) ** 11 *
        Math.exp(-((z + 1) ** 2) / variance / 2) / Math.sqrt(variance);
      mean += weight * (9 + 380 * p);
      weights += weight;
    }
  }
  mean /= weights;
  const means = Array.from(
    { length: 20 },
    (_, seed) => evaluateAudit({ bins, strata, judged, seed }).mean,
  );
  const found = means.reduce((a, b) => a + b) / means.length;
  assert.ok(Math.abs(found - mean) < 3, `${found} instead of ${mean}`);
});

Deno.test("evaluateAudit() repeats for a seed, and knows little before anybody judged", () => {
  const { logOdds } = made(500, 1, 0, 1);
  const { strata, bins } = drawAudit(logOdds, 40, 0);
  const inputs = { bins, strata, judged: [], seed: 4 };
  const before = evaluateAudit(inputs);
  assert.deepEqual(before, evaluateAudit(inputs));
  assert.ok(before.high > 1.8 * before.mean);
});

Deno.test("evaluateAudit() allows for no wrong label while none was found", () => {
  const logOdds = Array.from({ length: 900 }, (_, i) => -1 - i / 300);
  const { rows, strata, bins } = drawAudit(logOdds, 60, 0);
  const judged = Array.from(
    rows,
    (row) => ({ logOdds: logOdds[row]!, isWrong: false }),
  );
  const { low, high } = evaluateAudit({ bins, strata, judged, seed: 0 });
  assert.equal(low, 0);
  assert.ok(high > 5 && high < 120, `${high}`);
});

Deno.test("evaluateAudit() of nothing is nothing", () => {
  assert.deepEqual(
    evaluateAudit({ bins: [], strata: [], judged: [], seed: 0 }),
    { nSamples: 0, mean: 0, low: 0, high: 0 },
  );
});
