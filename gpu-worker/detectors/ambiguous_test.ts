import assert from "node:assert/strict";
import { evidenceOf, trainingSplit } from "./_testing.ts";
import { ambiguous } from "./ambiguous.ts";

function detect(variability: number[], support: number[], nEpochs = 6) {
  const n = variability.length;
  return ambiguous.detect({
    labels: new Int32Array(n),
    splits: [trainingSplit(n, nEpochs)],
    evidence: evidenceOf(support),
    dynamics: {
      variability: Float64Array.from(variability),
      confidence: new Float64Array(n).fill(0.5),
      forgettingEvents: new Int32Array(n),
      firstLearnedEpoch: new Int32Array(n),
      epochsSeen: new Int32Array(n).fill(nEpochs),
    },
  }, { ...ambiguous.defaults, topShare: 0.5 });
}

Deno.test("ambiguous flags torn samples of the top share of variability", () => {
  const { isIssue, score } = detect([0.4, 0.3, 0.1, 0.1], [0.25, 1, 0, 0]);
  assert.deepEqual([...isIssue], [1, 0, 0, 0]);
  assert.deepEqual([...score], [0.8, 0.6, 0.2, 0.2]);
});

Deno.test("ambiguous flags nothing where nothing varies", () => {
  assert.ok(detect([0, 0, 0], [0, 0, 0]).isIssue.every((f) => f === 0));
});

Deno.test("ambiguous says nothing of a split with too few epochs", () => {
  const { isIssue, score } = detect([0.4, 0.1], [0, 0], 1);
  assert.ok(isIssue.every((f) => f === 0) && score.every(Number.isNaN));
});
