import assert from "node:assert/strict";
import { seededRandom } from "../kernels/seeded_random.ts";
import { TrainingDynamics } from "../signals/training_dynamics.ts";
import { temperedConfidence } from "./_hardness_confidence.ts";
import { scoreDataset } from "./score_dataset.ts";

/** Calibrated probabilities of three classes and labels drawn by them, then made `sharper` times as sure. */
function drawn(n: number, sharper: number) {
  const random = seededRandom(5);
  const calibrated = new Float64Array(n * 3);
  const labels = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const row = calibrated.subarray(3 * i, 3 * i + 3);
    for (let k = 0; k < 3; k++) row[k] = Math.exp(3 * random());
    const sum = row.reduce((a, b) => a + b);
    for (let k = 0; k < 3; k++) row[k]! /= sum;
    let at = random();
    labels[i] = Math.max(0, row.findIndex((p) => (at -= p) < 0));
  }
  const data = new Float32Array(3 * n);
  for (let i = 0; i < n; i++) {
    const powers = [0, 1, 2].map((k) => calibrated[3 * i + k]! ** sharper);
    const sum = powers.reduce((a, b) => a + b);
    powers.forEach((p, k) => data[3 * i + k] = p / sum);
  }
  return { calibrated, labels, probs: { data, rows: n, cols: 3 } };
}

Deno.test("temperedConfidence() finds what a model that is too sure, or not sure enough, would give if it were calibrated", () => {
  for (const sharper of [4, 1, 0.7]) {
    const { calibrated, labels, probs } = drawn(4000, sharper);
    const found = temperedConfidence(labels, probs);
    for (let i = 0; i < 100; i++) {
      const expected = calibrated[3 * i + labels[i]!]!;
      assert.ok(Math.abs(found[i]! - expected) < 0.05, `${sharper}`);
    }
  }
});

Deno.test("temperedConfidence() keeps samples apart where no label is wrong", () => {
  const n = 200;
  const sure = Float32Array.from({ length: n }, (_, i) => 0.9 + i / 2500);
  const data = Float32Array.from(
    { length: 2 * n },
    (_, j) => j % 2 ? 1 - sure[j >> 1]! : sure[j >> 1]!,
  );
  const found = temperedConfidence(new Int32Array(n), {
    data,
    rows: n,
    cols: 2,
  });
  const doubts = Float32Array.from(found, (p) => 1 - p);
  for (let i = 1; i < n; i++) assert.ok(doubts[i]! < doubts[i - 1]!);
});

Deno.test("temperedConfidence() leaves few samples as they are, and does not know those that are unlabelled or unknown", () => {
  const { labels, probs } = drawn(90, 4);
  labels[0] = -1;
  probs.data.fill(NaN, 3, 6);
  const found = temperedConfidence(labels, probs);
  assert.ok(Number.isNaN(found[0]) && Number.isNaN(found[1]));
  for (let i = 2; i < 90; i++) {
    assert.equal(found[i], probs.data[3 * i + labels[i]!]);
  }
  const many = drawn(150, 4);
  many.labels[0] = -1;
  many.probs.data.fill(NaN, 3, 6);
  const tempered = temperedConfidence(many.labels, many.probs);
  assert.ok(Number.isNaN(tempered[0]) && Number.isNaN(tempered[1]));
  assert.ok(tempered.subarray(2).every((p) => p >= 0 && p <= 1));
});

Deno.test("scoreDataset() tempers the hardness of one out-of-sample output, not that of epochs or of samples that were trained on", async () => {
  const { labels, probs } = drawn(300, 4);
  const own = Float32Array.from(labels, (y, i) => 1 - probs.data[3 * i + y]!);
  const tempered = Float32Array.from(
    temperedConfidence(labels, probs),
    (p) => 1 - p,
  );
  const hardnessOf = async (isOutOfSample: boolean, nEpochs: number) => {
    const dynamics = new TrainingDynamics({ labels, nClasses: 3 });
    for (let epoch = 0; epoch < nEpochs; epoch++) {
      dynamics.beginEpoch(epoch);
      dynamics.add(Int32Array.from(labels.keys()), probs, "probs");
      dynamics.endEpoch();
    }
    const { columns } = await scoreDataset({
      labelNames: ["a", "b", "c"],
      splits: [{
        split: "test",
        isOutOfSample,
        dynamics: dynamics.state,
        embeddings: null,
        contentHashes: null,
        textSignatures: null,
        sampleIds: null,
      }],
    });
    return columns.hardness;
  };
  const isNear = (a: Float32Array, b: Float32Array) =>
    a.every((x, i) => Math.abs(x - b[i]!) < 1e-3);
  assert.ok(!isNear(own, tempered));
  assert.ok(isNear(await hardnessOf(true, 1), tempered));
  assert.ok(isNear(await hardnessOf(true, 2), own));
  assert.ok(isNear(await hardnessOf(false, 1), own));
});
