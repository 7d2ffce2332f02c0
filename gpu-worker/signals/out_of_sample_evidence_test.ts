import assert from "node:assert/strict";
import { confidentJoint } from "../kernels/confident_joint.ts";
import { logOddsMargins } from "../kernels/log_odds_margins.ts";
import { lookalikeEvidence } from "../kernels/lookalike_evidence.ts";
import { lookalikeMargins } from "../kernels/lookalike_margins.ts";
import { noiseAwareMargins } from "../kernels/noise_aware_margins.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { sigmoid } from "../kernels/sigmoid.ts";
import { outOfSampleEvidence } from "./out_of_sample_evidence.ts";

/** Probabilities of a good model, and labels of which `share` are wrong. */
function noisy(n: number, k: number, share: number, seed: number) {
  const random = seededRandom(seed);
  const data = new Float32Array(n * k);
  const labels = new Int32Array(n);
  const isWrong = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const truth = Math.floor(random() * k);
    const z = Array.from(
      { length: k },
      (_, c) => Math.exp((c === truth ? 4 : 0) + 2 * random()),
    );
    const sum = z.reduce((a, b) => a + b, 0);
    z.forEach((x, c) => data[i * k + c] = x / sum);
    isWrong[i] = random() < share ? 1 : 0;
    labels[i] = isWrong[i] ? (truth + 1) % k : truth;
  }
  return { probs: { data, rows: n, cols: k }, labels, isWrong };
}

Deno.test("outOfSampleEvidence() puts wrong labels first and knows about how many there are", () => {
  for (const share of [0.05, 0.2]) {
    const { probs, labels, isWrong } = noisy(2000, 4, share, 1);
    const { logOdds, probability, noiseRate } = outOfSampleEvidence(
      labels,
      probs,
    );
    const n = isWrong.reduce((a, b) => a + b, 0);
    const top = [...logOdds.keys()].sort((a, b) => logOdds[b]! - logOdds[a]!)
      .slice(0, n);
    assert.ok(top.filter((i) => isWrong[i]).length / n > 0.95);
    const rate = noiseRate!;
    assert.ok(rate > share / 2 && rate < share * 2, `${rate} for ${share}`);
    const mean = probability.reduce((a, b) => a + b, 0) / probability.length;
    assert.ok(Math.abs(mean - rate) < 1e-6);
  }
});

Deno.test("outOfSampleEvidence() keeps the order beyond the flat part of the margin", () => {
  const probs = {
    data: Float32Array.of(1e-6, 1, 1e-9, 1, 1, 1e-6),
    rows: 3,
    cols: 2,
  };
  const { logOdds } = outOfSampleEvidence(Int32Array.of(0, 0, 0), probs);
  assert.ok(logOdds[1]! > logOdds[0]! && logOdds[0]! > logOdds[2]!);
});

Deno.test("outOfSampleEvidence() is defined on nothing, one sample, unlabelled samples and NaN rows", () => {
  const none = { data: new Float32Array(0), rows: 0, cols: 2 };
  assert.equal(outOfSampleEvidence(new Int32Array(0), none).noiseRate, null);
  const probs = { data: Float32Array.of(0.5, 0.5, NaN, NaN), rows: 2, cols: 2 };
  const { probability, rival } = outOfSampleEvidence(
    Int32Array.of(-1, 0),
    probs,
  );
  assert.deepEqual([...probability], [NaN, NaN]);
  assert.deepEqual(rival, Int32Array.of(0, -1));
  const one = { data: Float32Array.of(1), rows: 1, cols: 1 };
  const alone = outOfSampleEvidence(Int32Array.of(0), one);
  assert.equal(alone.support[0], 0);
  assert.ok(alone.probability[0]! < 0.5 && alone.logOdds[0]! < 0);
});

Deno.test("outOfSampleEvidence() gives no rate where most samples are of classes with fewer than 20, and the same probabilities", () => {
  const small = noisy(600, 100, 0.1, 2);
  const { noiseRate, probability } = outOfSampleEvidence(
    small.labels,
    small.probs,
  );
  assert.equal(noiseRate, null);
  const mean = probability.reduce((a, b) => a + b, 0) / probability.length;
  assert.ok(mean > 0.05 && mean < 0.2, `${mean}`);
  const large = noisy(4000, 100, 0.1, 2);
  assert.ok(outOfSampleEvidence(large.labels, large.probs).noiseRate! > 0.05);
});

Deno.test("outOfSampleEvidence() gives a rate near 0 that the confident joint is a little above", () => {
  // 3800 sure of class 0, 200 of which 0.6 is enough for class 1, and 100 like those that are given 0
  const [sure, unsure, all] = [3800, 4000, 4100];
  const other = (i: number) => i < sure ? 1e-4 : i < unsure ? 0.6 : 0.601;
  const data = Float32Array.from(
    { length: 2 * all },
    (_, j) => j % 2 ? other(j >> 1) : 1 - other(j >> 1),
  );
  const labels = Int32Array.from(
    { length: all },
    (_, i) => i >= sure && i < unsure ? 1 : 0,
  );
  const probs = { data, rows: all, cols: 2 };
  const { noiseRate, probability } = outOfSampleEvidence(labels, probs);
  const rate = probability.reduce((a, b) => a + b) / all;
  const joint = confidentJoint(probs, labels).offDiagonalShare;
  assert.ok(joint > 1.22 * rate && joint < 1.22 * rate + 0.005);
  assert.ok(Math.abs(noiseRate! - rate) < 1e-6, `${noiseRate}`);
});

Deno.test("outOfSampleEvidence() shifts log-odds to the logit mean of what margins and joint say, by the definition", () => {
  const logit = (x: number) => Math.log((x + 0.003) / (1 - x + 0.003));
  for (const share of [0, 0.03, 0.3, 0.95]) {
    const { probs, labels } = noisy(500, 3, share, 4);
    const { data, cols } = probs;
    const plain = Array.from(labels, (y, i) => {
      const row = [...data.subarray(i * cols, (i + 1) * cols)].map((p) =>
        Math.log(Math.max(p, 1e-12))
      );
      const margin = row[y]! - Math.max(...row.toSpliced(y, 1));
      const flat = Math.max(-7, Math.min(7, margin));
      return 1 /
        (1 + Math.exp(1.6 + 0.66 * flat + 1e-3 * (margin - flat)));
    });
    const said = plain.reduce((a, b) => a + b) / plain.length;
    const joint = confidentJoint(probs, labels).offDiagonalShare;
    const z = (logit(said) + logit(joint)) / 2;
    const { probability, logOdds, support } = outOfSampleEvidence(
      labels,
      probs,
    );
    const margins = noiseAwareMargins(
      probs,
      labels,
      confidentJoint(probs, labels).calibrated,
    );
    assert.deepEqual(support, margins);
    probability.forEach((p, i) => {
      assert.ok(Math.abs(p - sigmoid(logOdds[i]!)) < 1e-12);
    });
    const mean = probability.reduce((a, b) => a + b) / probability.length;
    const expected = 1 / (1 + Math.exp(-z)) - 0.003;
    assert.ok(Math.abs(mean - expected) < 1e-6, `${mean} ${expected}`);
  }
});

/** A model that is mistaken about a share of the samples, where its second thoughts are right, and wrong labels: its second thoughts, or anywhere. */
function secondThoughts(
  { n, share, mistaken, isAnywhere }: {
    n: number;
    share: number;
    mistaken: number;
    isAnywhere: boolean;
  },
) {
  const k = 6;
  const random = seededRandom(8);
  const drawn = (weights: number[]) => {
    let at = random() * weights.reduce((a, b) => a + b);
    return Math.max(0, weights.findIndex((w) => (at -= w) < 0));
  };
  const data = new Float32Array(n * k);
  const labels = new Int32Array(n);
  const isWrong = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const isMistaken = random() < mistaken;
    const z = Array.from({ length: k }, () => 9 * random());
    z[Math.floor(random() * k)]! += isMistaken ? 2 : 7;
    const weights = z.map(Math.exp);
    const sum = weights.reduce((a, b) => a + b);
    weights.forEach((w, c) => data[i * k + c] = w / sum);
    const top = weights.indexOf(Math.max(...weights));
    const others = weights.map((w, c) => c === top ? 0 : w);
    const truth = isMistaken ? drawn(others) : top;
    isWrong[i] = random() < share ? 1 : 0;
    labels[i] = !isWrong[i] ? truth : drawn(
      weights.map((w, c) => c === truth ? 0 : isAnywhere ? 1 : w),
    );
  }
  return { probs: { data, rows: n, cols: k }, labels, isWrong };
}

Deno.test("outOfSampleEvidence() asks how likely another class is where wrong labels are the model's second thoughts, else how unlikely the label is", () => {
  const bySecondThoughts = secondThoughts({
    n: 4000,
    share: 0.2,
    mistaken: 0.3,
    isAnywhere: false,
  });
  const anywhere = secondThoughts({
    n: 4000,
    share: 0.2,
    mistaken: 0.3,
    isAnywhere: true,
  });
  const none = secondThoughts({
    n: 30_000,
    share: 0,
    mistaken: 0.05,
    isAnywhere: false,
  });
  for (const one of [bySecondThoughts, anywhere, none]) {
    const { probs, labels } = one;
    const joint = confidentJoint(probs, labels).calibrated;
    const of = one === bySecondThoughts ? lookalikeMargins : noiseAwareMargins;
    if (one === none) {
      const plain = logOddsMargins(probs, labels); // those that contradict do follow the model's order, but are right
      assert.ok(lookalikeEvidence(probs, labels, plain) > 7);
    }
    const { support } = outOfSampleEvidence(labels, probs);
    const expected = of(probs, labels, joint);
    assert.ok(support.every((margin, i) => margin === expected[i]));
  }
  const { probs, labels, isWrong } = bySecondThoughts;
  const { logOdds, probability } = outOfSampleEvidence(labels, probs);
  const found = (scores: Float64Array) =>
    [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!).slice(0, 400)
      .filter((i) => isWrong[i]).length;
  const plain = noiseAwareMargins(probs, labels).map((m) => -m);
  assert.ok(found(logOdds) > found(plain), `${found(logOdds)} ${found(plain)}`);
  assert.ok(found(probability) === found(logOdds));
});
