import assert from "node:assert/strict";
import { evidenceOf, trainingSplit } from "./_testing.ts";
import { hard } from "./hard.ts";

function detect(
  firstLearned: number[],
  forgotten: number[],
  support: number[],
  nEpochs = 6,
) {
  const n = support.length;
  return hard.detect({
    labels: new Int32Array(n),
    splits: [trainingSplit(n, nEpochs)],
    evidence: evidenceOf(support),
    dynamics: {
      variability: new Float64Array(n),
      confidence: new Float64Array(n).fill(0.25),
      forgettingEvents: Int32Array.from(forgotten),
      firstLearnedEpoch: Int32Array.from(firstLearned),
      epochsSeen: new Int32Array(n).fill(nEpochs),
    },
  }, hard.defaults);
}

Deno.test("hard flags supported labels that were learned late or forgotten twice", () => {
  // the last of 6 epochs still learns: late is epoch 4 and later
  const { isIssue, score, details } = detect(
    [5, 4, 3, 0, 0, 5, -1],
    [0, 0, 1, 2, 0, 0, 0],
    [1, 1, 1, 1, 1, -1, 1],
  );
  assert.deepEqual([...isIssue], [1, 1, 0, 1, 0, 0, 0]);
  assert.ok(score.every((s) => s === 0.75));
  assert.equal(details.get(0)?.first_learned_epoch, 5);
});

Deno.test("hard says nothing of a split with too few epochs", () => {
  assert.ok(detect([1], [2], [1], 2).isIssue.every((f) => f === 0));
});
