import assert from "node:assert/strict";
import type { Matrix } from "../kernels/matrix.ts";
import { TrainingDynamics } from "../signals/training_dynamics.ts";
import { type HonestProbs, splitReport } from "./_split_report.ts";
import { trainingSplit } from "./_testing.ts";

const NAMES = ["ham", "spam", "phish"];

function report(
  labels: number[],
  probs: number[][],
  honest: HonestProbs | null = null,
) {
  const given = Int32Array.from(labels);
  const dynamics = new TrainingDynamics({ labels: given, nClasses: 3 });
  dynamics.beginEpoch(0);
  dynamics.add(Int32Array.from(probs.keys()), matrix(probs), "probs");
  dynamics.endEpoch();
  return splitReport({
    labelNames: NAMES,
    range: { ...trainingSplit(labels.length), isOutOfSample: true },
    labels: given,
    predictions: dynamics.state.lastPrediction,
    dynamics: dynamics.state,
    honest,
  });
}

function matrix(rows: number[][]): Matrix {
  return { data: Float32Array.from(rows.flat()), rows: rows.length, cols: 3 };
}

const LABELS = [0, 0, 0, 0, 1, 1, -1];
const PROBS = [
  ...[[0.8, 0.1, 0.1], [0.8, 0.1, 0.1], [0.8, 0.1, 0.1], [0.1, 0.8, 0.1]],
  ...[[0.1, 0.8, 0.1], [0.2, 0.2, 0.6], [0.9, 0.05, 0.05]],
];

Deno.test("splitReport() counts classes and confusions of labelled samples", () => {
  const { classes, confusion_matrix, imbalance_ratio } = report(LABELS, PROBS);
  assert.equal(imbalance_ratio, 2); // a class without a sample does not count
  assert.deepEqual(classes.map((c) => c.n_given), [4, 2, 0]);
  assert.ok(Math.abs(classes[1]!.effective_number - 1.999) < 1e-9); // 1 + b
  assert.equal(classes[2]!.effective_number, 0);
  assert.deepEqual(
    confusion_matrix.map((c) => [c.given_label, c.predicted_label, c.n]),
    [
      ["ham", "ham", 3],
      ["ham", "spam", 1],
      ["spam", "spam", 1],
      ["spam", "phish", 1],
    ],
  );
});

Deno.test("splitReport() tells how far confidences can be believed", () => {
  // says .8 and is right three times of four
  const { calibration } = report(
    [0, 0, 0, 1],
    new Array(4).fill([0.8, 0.1, 0.1]),
  );
  assert.ok(calibration?.is_out_of_sample);
  assert.equal(calibration.n, 4);
  assert.equal(calibration.bins.length, 4);
  // .8^x / (.8^x + 2 * .1^x) = .75: x = ln 6 / ln 8
  assert.ok(
    Math.abs(calibration.temperature - Math.log(8) / Math.log(6)) < 1e-3,
  );
  const total = calibration.bins.reduce((n, b) => n + b.n * b.accuracy, 0);
  assert.equal(total, 3);
  for (const { accuracy, accuracy_low, accuracy_high } of calibration.bins) {
    assert.ok(accuracy_low <= accuracy && accuracy <= accuracy_high);
  }
  assert.equal(report([-1], [[1, 0, 0]]).calibration, null);
});

Deno.test("splitReport() tells which given label hides which true one, by an honest opinion only", () => {
  assert.equal(report(LABELS, PROBS).label_noise, null);
  const honest = { judge: "probe" as const, probs: matrix(PROBS) };
  const { label_noise } = report(LABELS, PROBS, honest);
  // thresholds: ham .625, spam .5; no sample reaches phish, which nobody is given
  assert.deepEqual(label_noise?.pairs, [
    { given_label: "ham", true_label: "spam", n: 1, share_of_given: 0.25 },
  ]);
  assert.equal(label_noise.n, 6);
  assert.ok(Math.abs(label_noise.share - 1 / 6) < 1e-12);
});

Deno.test("splitReport() tells the diagonal and the largest of too many confusions", () => {
  const K = 150;
  const labels: number[] = [];
  const predictions: number[] = [];
  const add = (given: number, predicted: number) => {
    labels.push(given);
    predictions.push(predicted);
  };
  for (let given = 0; given < K; given++) {
    for (let predicted = 0; predicted < K; predicted++) add(given, predicted);
  }
  add(149, 0);
  const given = Int32Array.from(labels);
  const { confusion_matrix } = splitReport({
    labelNames: Array.from({ length: K }, (_, k) => `class ${k}`),
    range: trainingSplit(labels.length),
    labels: given,
    predictions: Int32Array.from(predictions),
    dynamics: new TrainingDynamics({ labels: given, nClasses: K }).state,
    honest: null,
  });
  assert.equal(confusion_matrix.length, 10_000);
  assert.equal(
    confusion_matrix.filter((c) => c.given_label === c.predicted_label).length,
    K,
  );
  assert.deepEqual(confusion_matrix.find((c) => c.n === 2), {
    given_label: "class 149",
    predicted_label: "class 0",
    n: 2,
  });
});
