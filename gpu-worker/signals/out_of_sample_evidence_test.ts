import assert from "node:assert/strict";
import { seededRandom } from "../kernels/seeded_random.ts";
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
  assert.ok(outOfSampleEvidence(Int32Array.of(0), one).probability[0]! < 0.5);
});
