import assert from "node:assert/strict";
import { confidentJoint } from "../kernels/confident_joint.ts";
import type { Matrix } from "../kernels/matrix.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { softmaxRows } from "../kernels/softmax_rows.ts";
import { probeEvidence } from "./probe_evidence.ts";

const K = 3;

/** Probabilities around a true class, a share of labels wrong, log-odds by the definition of a posterior under even noise. */
function made(n: number, seed: number, sharpness = 6) {
  const random = seededRandom(seed);
  const truth = Int32Array.from({ length: n }, (_, i) => i % K);
  const labels = truth.map((y) => random() < 0.1 ? (y + 1) % K : y);
  const probs = softmaxRows({
    data: Float32Array.from(
      { length: n * K },
      (_, at) =>
        sharpness * ((truth[Math.floor(at / K)] === at % K ? 1 : 0) +
          0.7 * random()),
    ),
    rows: n,
    cols: K,
  });
  const logOdds = Float64Array.from(labels, (y, i) => {
    const own = 0.9 * probs.data[i * K + y]!;
    return Math.log(0.05 * (1 - probs.data[i * K + y]!)) - Math.log(own);
  });
  return { labels, probe: { logOdds, probs, isKernel: false } };
}

function near(p: Matrix): Matrix {
  return { ...p, data: p.data.map((x) => x * 0.8 + 0.2 / K) };
}

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
const mean = (v: readonly number[]) => v.reduce((a, b) => a + b, 0) / v.length;

Deno.test("probeEvidence() agrees with the definition computed one sample after the other", () => {
  const { labels, probe } = made(400, 1);
  const around = near(probe.probs);
  const found = probeEvidence(labels, probe, around);
  const clip = (z: number) => Math.max(-6, Math.min(6, z));
  const logit = (x: number) => Math.log((x + 0.003) / (1 - x + 0.003));
  const said = mean([...probe.logOdds].map(sigmoid));
  const joint = confidentJoint(probe.probs, labels).offDiagonalShare;
  const rate = sigmoid((logit(said) + logit(joint)) / 2) - 0.003;
  assert.ok(found.isCalibrated);
  assert.ok(Math.abs(found.noiseRate! - rate) < 1e-9);
  assert.ok(Math.abs(mean([...found.probability]) - rate) < 1e-9);
  labels.forEach((y, i) => {
    const z = probe.logOdds[i]!;
    assert.ok(
      Math.abs(found.logOdds[i]! - clip(z) - 1e-3 * (z - clip(z))) < 1e-9,
    );
    const votes = Array.from(
      { length: K },
      (_, k) =>
        k === y ? -Infinity : 0.5 * Math.log(around.data[i * K + k]! + 1e-3) +
          0.5 * Math.log(probe.probs.data[i * K + k]! + 1e-3),
    );
    assert.equal(found.rival[i], votes.indexOf(Math.max(...votes)));
  });
});

Deno.test("probeEvidence() keeps the order of log-odds beyond the clip", () => {
  const { labels, probe } = made(60, 2);
  const logOdds = probe.logOdds.map((_, i) => i - 30);
  const found = probeEvidence(labels, { ...probe, logOdds }, probe.probs);
  assert.deepEqual(found.logOdds, found.logOdds.toSorted());
  assert.equal(new Set(found.logOdds).size, 60);
  assert.ok(Math.max(...found.logOdds) < 6.1);
});

Deno.test("probeEvidence() gives no number where most classes are small or the probe knows nothing", () => {
  const { labels, probe } = made(400, 3);
  const few = labels.map((y, i) => i < 45 ? y : -1);
  const small = {
    ...probe,
    logOdds: probe.logOdds.map((z, i) => few[i]! < 0 ? NaN : z),
  };
  const soft = made(400, 4, 0.1);
  for (
    const found of [
      probeEvidence(few, small, probe.probs),
      probeEvidence(soft.labels, soft.probe, soft.probe.probs),
    ]
  ) {
    assert.equal(found.noiseRate, null);
    assert.equal(found.isCalibrated, false);
    assert.ok(found.logOdds.some(Number.isFinite));
  }
});

Deno.test("probeEvidence() gives a number though one class is rare, and for labels that are all right", () => {
  const { labels, probe } = made(600, 6);
  const rare = labels.map((y, i) => y === 2 && i > 50 ? -1 : y);
  const some = {
    ...probe,
    logOdds: probe.logOdds.map((z, i) => rare[i]! < 0 ? NaN : z),
  };
  assert.ok(probeEvidence(rare, some, probe.probs).noiseRate! > 0.05);
  const clean = made(600, 7, 20);
  const truth = Int32Array.from(labels, (_, i) => i % K);
  const sure = { ...clean.probe, logOdds: new Float64Array(600).fill(-9) };
  const { noiseRate } = probeEvidence(truth, sure, clean.probe.probs);
  assert.ok(noiseRate! < 0.005);
});

Deno.test("probeEvidence() suggests a label for unlabelled rows, by the probe alone without neighbours", () => {
  const probs = { data: Float32Array.of(0.2, 0.7, 0.1), rows: 1, cols: K };
  const probe = { logOdds: Float64Array.of(NaN), probs, isKernel: false };
  const none = { data: new Float32Array(K).fill(NaN), rows: 1, cols: K };
  const found = probeEvidence(Int32Array.of(-1), probe, none);
  assert.deepEqual(found.rival, Int32Array.of(1));
  assert.equal(found.probability[0], NaN);
  assert.equal(found.noiseRate, null);
});

Deno.test("probeEvidence() is unknown where the probe is", () => {
  const { labels, probe } = made(90, 5);
  probe.logOdds[4] = NaN;
  probe.probs.data.fill(NaN, 4 * K, 5 * K);
  const found = probeEvidence(labels, probe, probe.probs);
  assert.deepEqual(
    [found.logOdds[4], found.probability[4], found.support[4], found.rival[4]],
    [NaN, NaN, NaN, -1],
  );
  assert.ok(Number.isFinite(found.probability[5]));
});
