import assert from "node:assert/strict";
import { ISSUE_TYPES } from "@shared/types/issue.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { topTwo } from "../kernels/top_two.ts";
import { duplicateGroups } from "../signals/duplicate_groups.ts";
import type { Signals } from "./detector.ts";
import { DETECTORS } from "./mod.ts";

const N = 60;

/** Two splits, some unlabelled and unknown samples, a few duplicates. */
function signals(n = N): Signals {
  const random = seededRandom(11);
  const float = (scale: number, shift = 0) =>
    Float64Array.from(
      { length: n },
      (_, i) => i % 13 === 5 ? NaN : random() * scale + shift,
    );
  const int = (below: number) =>
    Int32Array.from({ length: n }, () => Math.floor(random() * below));
  const labels = int(3).map((y, i) => i % 11 === 10 ? -1 : y);
  const logOdds = float(8, -4);
  const cut = Math.floor(n * 0.7);
  const epochs = [0, 1, 2, 3, 4, 5];
  const accuracy = [0.4, 0.6, 0.7, 0.8, 0.9, 0.9];
  return {
    labels,
    isSettled: Uint8Array.from(labels, (_, i) => i % 17 === 3 ? 1 : 0),
    splits: [
      {
        split: "training",
        start: 0,
        end: cut,
        isOutOfSample: false,
        epochs,
        accuracy,
      },
      {
        split: "test",
        start: cut,
        end: n,
        isOutOfSample: true,
        epochs: [5],
        accuracy: [NaN],
      },
    ],
    evidence: {
      support: logOdds.map((z) => -(z + 1.32) / 1.65),
      logOdds,
      probability: logOdds.map((z) => 1 / (1 + Math.exp(-z))),
      rival: labels.map((y) => y < 0 ? 0 : (y + 1) % 3),
      isCalibrated: false,
      noiseRate: null,
    },
    votes: {
      judge: "model",
      epochs: new Int32Array(n).fill(6),
      epochsForRival: int(7),
      neighbours: new Int32Array(n).fill(20),
      neighboursForRival: int(21),
      givenProbability: float(1),
      rivalProbability: float(1),
    },
    dynamics: {
      confidence: float(1),
      variability: float(0.5),
      forgettingEvents: int(3),
      firstLearnedEpoch: int(7).map((e) => e - 1),
      epochsSeen: new Int32Array(n).fill(6),
    },
    duplicates: duplicateGroups({
      nSamples: n,
      contentHashes: Array.from(
        { length: n },
        (_, i) => i % 4 ? null : `${i % 24}`,
      ),
      textSignatures: null,
      neighbours: null,
    }),
    predictions: topTwo({
      data: Float32Array.from(
        { length: n * 3 },
        // many are second to class 0
        (_, at) => at % 3 === 0 ? 1 : random() / (at % 3),
      ),
      rows: n,
      cols: 3,
    }),
    outliers: {
      deviations: float(3).map((z, i) => i % 30 === 7 ? 6 : z),
      timesUsual: float(3),
      look: Array.from({ length: n }, () => "position" as const),
      points: {
        data: Float32Array.from({ length: n * 4 }, () => random()),
        rows: n,
        cols: 4,
      },
      isTable: true,
    },
    facts: {
      text_length: Float32Array.from({ length: n }, (_, i) => i % 29 && 40 + i),
    },
  };
}

for (const detector of DETECTORS) {
  const { issueType, defaults } = detector;

  Deno.test(`${issueType} gives one score in [0, 1] or NaN and one flag per sample`, () => {
    const { score, isIssue } = detector.detect(signals(), defaults);
    assert.equal(score.length, N);
    assert.equal(isIssue.length, N);
    assert.ok(score.every((s) => Number.isNaN(s) || (s >= 0 && s <= 1)));
  });

  Deno.test(`${issueType} flags some of these samples, with a score and details in plain JSON`, () => {
    const { score, isIssue, details } = detector.detect(signals(), defaults);
    const flagged = [...isIssue.keys()].filter((row) => isIssue[row]);
    assert.ok(flagged.length > 0 && flagged.length < N);
    assert.deepEqual([...details.keys()].sort((a, b) => a - b), flagged);
    for (const row of flagged) {
      assert.ok(score[row]! >= 0);
      const own = details.get(row);
      assert.deepEqual(JSON.parse(JSON.stringify(own)), own);
    }
  });

  Deno.test(`${issueType} is deterministic and leaves its inputs alone`, () => {
    const inputs = signals();
    const first = detector.detect(inputs, defaults);
    assert.deepEqual(detector.detect(inputs, defaults), first);
    assert.deepEqual(inputs, signals());
  });

  Deno.test(`${issueType} uses no signal that it did not ask for`, () => {
    const inputs = signals();
    const asked = Object.fromEntries(
      detector.requires.map((name) => [name, inputs[name]]),
    ) as unknown as Signals;
    const { isIssue } = detector.detect(asked, defaults);
    assert.deepEqual(isIssue, detector.detect(inputs, defaults).isIssue);
  });

  Deno.test(`${issueType} takes no samples at all`, () => {
    assert.equal(detector.detect(signals(0), defaults).score.length, 0);
  });
}

Deno.test("DETECTORS has no two detectors of one issue type, and each is a known one", () => {
  const types = DETECTORS.map((d) => d.issueType);
  assert.equal(new Set(types).size, types.length);
  assert.ok(types.every((type) => ISSUE_TYPES.includes(type)));
});
