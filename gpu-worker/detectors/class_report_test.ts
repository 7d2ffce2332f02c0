import assert from "node:assert/strict";
import { TrainingDynamics } from "../signals/training_dynamics.ts";
import { dynamicsResult } from "../signals/dynamics_result.ts";
import { trainingSplit } from "./_testing.ts";
import { classPairs, classReport } from "./class_report.ts";

const columns = {
  labels: Int32Array.of(0, 0, 0, 0, 1, 1, -1),
  predictions: Int32Array.of(0, 0, 1, -1, 1, 0, 1),
  rival: Int32Array.of(1, 1, 1, 2, 0, 0, 1),
  isMislabeled: Uint8Array.of(0, 0, 1, 1, 0, 0, 0),
  dataErrorPotential: Float32Array.of(0, 0.25, 0.75, NaN, 0.5, 0, NaN),
};
const dynamics = () =>
  dynamicsResult(
    new TrainingDynamics({ labels: columns.labels, nClasses: 3 }).state,
  );

Deno.test("classReport() counts against given labels", () => {
  const [first, second, third] = classReport(
    columns,
    trainingSplit(7),
    dynamics(),
  );
  assert.deepEqual(first, {
    split: "training",
    label: 0,
    nGiven: 4,
    nPredicted: 3,
    nMislabeled: 2,
    precision: 2 / 3,
    recall: 2 / 3,
    f1: 2 / 3,
    meanDataErrorPotential: 1 / 3,
    noiseRate: 0.5,
  });
  assert.equal(second?.nPredicted, 3);
  assert.equal(second?.recall, 0.5);
  assert.equal(third?.precision, null);
  assert.equal(third?.recall, null);
  assert.equal(third?.noiseRate, null);
});

Deno.test("classPairs() counts flagged samples by given and suggested label", () => {
  assert.deepEqual(classPairs(columns, trainingSplit(7)), [
    {
      split: "training",
      givenLabel: 0,
      suggestedLabel: 1,
      nFlagged: 1,
      shareOfGiven: 0.25,
    },
    {
      split: "training",
      givenLabel: 0,
      suggestedLabel: 2,
      nFlagged: 1,
      shareOfGiven: 0.25,
    },
  ]);
});

Deno.test("classReport() takes noise from the confident joint where outputs are out of sample", () => {
  const fold = new TrainingDynamics({
    labels: Int32Array.of(0, 0, 1),
    nClasses: 2,
  });
  fold.beginEpoch(0);
  fold.add(Int32Array.of(0, 1, 2), {
    data: Float32Array.of(1, 0, 0, 1, 0, 1),
    rows: 3,
    cols: 2,
  }, "probs");
  fold.endEpoch();
  const own = {
    labels: Int32Array.of(0, 0, 1),
    predictions: Int32Array.of(0, 1, 1),
    rival: Int32Array.of(1, 1, 0),
    isMislabeled: new Uint8Array(3),
    dataErrorPotential: new Float32Array(3),
  };
  const range = { ...trainingSplit(3), isOutOfSample: true };
  const [first, second] = classReport(own, range, dynamicsResult(fold.state));
  assert.equal(first?.noiseRate, 0.5);
  assert.equal(second?.noiseRate, 0);
});
