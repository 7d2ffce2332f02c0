import assert from "node:assert/strict";
import { evidenceOf, trainingSplit } from "./_testing.ts";
import { mislabeled } from "./mislabeled.ts";

function detect(
  support: number[],
  minProbability = 0.2,
  evidence = evidenceOf(support),
) {
  const n = support.length;
  const none = new Int32Array(n);
  return mislabeled.detect({
    labels: new Int32Array(n),
    splits: [trainingSplit(n)],
    evidence,
    votes: {
      judge: "model",
      epochs: none,
      epochsForRival: none,
      neighbours: none,
      neighboursForRival: none,
      givenProbability: none,
      rivalProbability: none,
    },
  }, { minProbability });
}

Deno.test("mislabeled scores by the logistic of the log-odds", () => {
  const { score } = detect([-0.8, 2]);
  assert.ok(Math.abs(score[0]! - 0.5) < 1e-12);
  assert.ok(Math.abs(score[1]! - 1 / (1 + Math.exp(1.32 + 3.3))) < 1e-12);
});

Deno.test("mislabeled flags those that make the expected F1 largest", () => {
  assert.deepEqual([...detect([3, -4, 3, -3, 3, 3]).isIssue], [
    0,
    1,
    0,
    1,
    0,
    0,
  ]);
});

Deno.test("mislabeled flags nothing of a clean dataset", () => {
  assert.ok(detect(new Array(200).fill(2.5)).isIssue.every((f) => f === 0));
  assert.ok(detect([2.5]).isIssue.every((f) => f === 0));
});

Deno.test("mislabeled says nothing of samples without evidence", () => {
  const { score, isIssue } = detect([NaN, -4]);
  assert.equal(score[0], NaN);
  assert.deepEqual([...isIssue], [0, 1]);
});

Deno.test("mislabeled flags nothing where there is no other class, whatever the threshold", () => {
  const evidence = evidenceOf([1, 1]);
  evidence.rival.fill(-1);
  assert.deepEqual([...detect([1, 1], 0, evidence).isIssue], [0, 0]);
  assert.deepEqual([...detect([1, 1], 0).isIssue], [1, 1]);
});
