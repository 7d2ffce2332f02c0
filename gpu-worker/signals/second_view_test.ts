import assert from "node:assert/strict";
import { sigmoid } from "../kernels/sigmoid.ts";
import { seededNormal } from "../kernels/seeded_normal.ts";
import {
  neighbourLogOdds,
  probeLogOdds,
  viewLogOdds,
  viewWeight,
} from "./second_view.ts";

const N = 600;
const near = (a: number, b: number, tolerance: number) =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} instead of ${b}`);

/**
 * Labels of which a seventh are wrong, a run whose log-odds are `-slope * support`, and a probe with calibrated log-odds: each sees the truth
 * through noise of its own.
 */
function made(sharpness: number, slope: number, seed = 5) {
  const normal = seededNormal(seed);
  const isWrong = Array.from({ length: N }, (_, i) => i % 7 === 0);
  const base = Math.log(1 / 6);
  // two normals ± d apart have log-odds of 2 d x
  const seen = (d: number) =>
    isWrong.map((w) => 2 * d * ((w ? d : -d) + normal()));
  return {
    run: {
      labels: Int32Array.from({ length: N }, (_, i) => i % 3),
      support: Float64Array.from(seen(1.5), (z) => -z / slope),
    },
    probe: says(Float64Array.from(seen(sharpness), (z) => z + base)),
  };
}

/** A probe whose margins say what its log-odds do. */
const says = (logOdds: Float64Array) => ({
  logOdds,
  margins: logOdds.map((z) => -z),
});

/** The least squared error over slopes, looked for one by one, each with the constant that bisection gives. */
function slowSlope({ run, probe }: ReturnType<typeof made>): number {
  const pi = [...probe.logOdds].map(sigmoid);
  const mean = (v: readonly number[]) => v.reduce((a, b) => a + b, 0) / N;
  const mu = mean(pi);
  const ofWrong = mean(pi.map((p) => p * p)) / mu;
  const ofRight = mean(pi.map((p) => p * (1 - p))) / (1 - mu);
  const errors = Array.from({ length: 15 }, (_, j) => {
    const slope = 0.5 * 2 ** (j / 4);
    const curve = (a: number) =>
      [...run.support].map((s) => sigmoid(a - slope * s));
    let [low, high] = [-20, 20];
    while (high - low > 1e-12) {
      const middle = (low + high) / 2;
      if (mean(curve(middle)) < mu) low = middle;
      else high = middle;
    }
    const p = curve(low);
    return mean(
      pi.map((x, i) => (x - ofRight - (ofWrong - ofRight) * p[i]!) ** 2),
    );
  });
  const best = errors.indexOf(Math.min(...errors));
  return Math.sqrt(1.65 * 0.5 * 2 ** (best / 4));
}

Deno.test("viewLogOdds() clips margins and log-odds, and is the sum of both", () => {
  const labels = Int32Array.of(0);
  const probs = (p: number) => ({
    data: Float32Array.of(p, 1 - p),
    rows: 1,
    cols: 2,
  });
  const probe = (p: number, logOdds: number) => ({
    probs: probs(p),
    logOdds: Float64Array.of(logOdds),
  });
  const margin = Math.log(0.751) - Math.log(0.251);
  near(neighbourLogOdds(labels, probs(0.75))[0]!, -0.3 * margin, 1e-12);
  near(probeLogOdds(labels, probe(0.75, 2))[0]!, 0.4 - 0.3 * margin, 1e-12);
  near(probeLogOdds(labels, probe(0.5, 99))[0]!, 1.2, 1e-12);
  const far = neighbourLogOdds(labels, probs(1))[0]!;
  assert.ok(far < -0.3 * 6.8 && far >= -2.1, `${far}`);
  const view = { probe: probe(0.75, 2), neighbourProbs: probs(0.75) };
  near(viewLogOdds(labels, view)[0]!, 0.4 - 0.6 * margin, 1e-12);
  assert.ok(Number.isNaN(viewLogOdds(Int32Array.of(-1), view)[0]));
});

Deno.test("viewWeight() follows the share of what there is to know that the probe knows", () => {
  const weights = [0, 0.1, 0.3, 0.5, 0.7, 1, 2].map((sharpness) => {
    const { run, probe } = made(sharpness, 1.65);
    const pi = [...probe.logOdds].map(sigmoid);
    const mu = pi.reduce((a, b) => a + b, 0) / N;
    const variance = pi.reduce((a, p) => a + (p - mu) ** 2, 0) / N;
    const known = variance / (mu * (1 - mu));
    const expected = Math.max(0, Math.min(1, (known - 0.05) / 0.25));
    const { weight } = viewWeight(run, probe);
    near(weight, expected, 1e-9);
    return weight;
  });
  assert.deepEqual(weights, weights.toSorted((a, b) => a - b));
  assert.equal(weights[0], 0);
  assert.equal(weights.at(-1), 1);
  assert.ok(weights.some((w) => w > 0 && w < 1), weights.join());
});

Deno.test("viewWeight() tells from the probe alone what the run's support is worth", () => {
  for (const slope of [0.8, 1.65, 4]) {
    const all = made(1.2, slope);
    const found = viewWeight(all.run, all.probe).slope;
    near(found, slowSlope(all), 1e-12);
    near(Math.log(found), Math.log(1.65 * slope) / 2, 0.25);
  }
});

Deno.test("viewWeight() counts only samples of which both speak, and is 0 without two", () => {
  const { run, probe } = made(1.2, 1.65);
  const half = {
    ...run,
    support: run.support.map((s, i) => i % 2 === 0 ? NaN : s),
  };
  const rows = Array.from({ length: N / 2 }, (_, i) => 2 * i + 1);
  const alone = {
    labels: Int32Array.from(rows, (i) => run.labels[i]!),
    support: Float64Array.from(rows, (i) => run.support[i]!),
  };
  const ofHalf = says(Float64Array.from(rows, (i) => probe.logOdds[i]!));
  assert.deepEqual(viewWeight(half, probe), viewWeight(alone, ofHalf));
  for (
    const nobody of [
      { ...run, labels: run.labels.map(() => -1) },
      { ...run, support: run.support.map(() => NaN) },
    ]
  ) assert.equal(viewWeight(nobody, probe).weight, 0);
  const sure = says(probe.logOdds.map(() => -700));
  assert.equal(viewWeight(run, sure).weight, 0);
});

Deno.test("viewWeight() asks some of many rows", () => {
  const { run, probe } = made(1.2, 1.65);
  const rows = Array.from({ length: 20 * N }, (_, i) => Math.floor(i / 20));
  const many = viewWeight(
    {
      labels: Int32Array.from(rows, (i) => run.labels[i]!),
      support: Float64Array.from(rows, (i) => run.support[i]!),
    },
    says(Float64Array.from(rows, (i) => probe.logOdds[i]!)),
  );
  const few = viewWeight(run, probe);
  near(many.weight, few.weight, 1e-9);
  near(Math.log(many.slope), Math.log(few.slope), 0.1);
});
