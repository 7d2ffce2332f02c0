import assert from "node:assert/strict";
import { topTwo } from "../kernels/top_two.ts";
import { trainingSplit } from "./_testing.ts";
import { boundary } from "./boundary.ts";
import type { Votes } from "./detector.ts";

const { defaults } = boundary;

interface Given {
  readonly label: number;
  readonly probs: readonly number[];
  /** Of the model's first and second class. */
  readonly probe?: readonly [number, number];
  /** Labelled neighbours, and those with the rival's label. */
  readonly neighbours?: readonly [number, number];
}

function detect(rows: readonly Given[], settings = defaults) {
  const probs = {
    data: Float32Array.from(rows.flatMap((row) => row.probs)),
    rows: rows.length,
    cols: rows[0]!.probs.length,
  };
  const none = new Float64Array(rows.length);
  const hasProbe = rows.some(({ probe }) => probe);
  const votes: Votes = {
    judge: "model",
    epochs: none,
    epochsForRival: none,
    neighbours: rows.map(({ neighbours }) => neighbours?.[0] ?? 0),
    neighboursForRival: rows.map(({ neighbours }) => neighbours?.[1] ?? 0),
    givenProbability: none,
    rivalProbability: none,
    ...(hasProbe && {
      probe: {
        sees: "text",
        label: none,
        givenProbability: none,
        rivalProbability: none,
        topTwo: {
          first: rows.map(({ probe }) => probe?.[0] ?? NaN),
          second: rows.map(({ probe }) => probe?.[1] ?? NaN),
        },
      },
    }),
  };
  return boundary.detect({
    labels: Int32Array.from(rows, ({ label }) => label),
    splits: [trainingSplit(rows.length)],
    votes,
    predictions: topTwo(probs),
  }, settings);
}

Deno.test("boundary flags what neither the model nor the probe tells apart", () => {
  const { isIssue, score, details } = detect([
    { label: 0, probs: [0.5, 0.4, 0.1], probe: [0.3, 0.5] },
    { label: 1, probs: [0.5, 0.4, 0.1], probe: [0.4, 0.4] },
    { label: 0, probs: [0.5, 0.4, 0.1], probe: [0.9, 0.1] }, // the probe knows
    { label: 0, probs: [0.8, 0.1, 0.1], probe: [0.5, 0.5] }, // the model knows
    { label: 2, probs: [0.5, 0.4, 0.1], probe: [0.5, 0.5] }, // a third label
    { label: -1, probs: [0.5, 0.4, 0.1], probe: [0.5, 0.5] }, // none
    { label: 0, probs: [0.5, 0.4, 0.1] }, // unknown to the probe
  ]);
  assert.deepEqual([...isIssue], [1, 1, 0, 0, 0, 1, 1]);
  assert.ok(Math.abs(score[0]! - 0.6) < 1e-6);
  assert.ok(Math.abs(score[2]! - 1 / 9) < 1e-6);
  assert.equal(details.get(0)!.probe_first_probability, 0.3);
  assert.equal(details.get(0)!.pair_confusions, 1); // row 1
  assert.ok(!("probe_sees" in details.get(6)!));
});

Deno.test("boundary asks neighbours of both classes where there is no probe", () => {
  const close = { label: 0, probs: [0.5, 0.4, 0.1] };
  const { isIssue, score } = detect([
    { ...close, neighbours: [10, 4] },
    { ...close, neighbours: [10, 6] },
    { ...close, neighbours: [10, 1] },
    { ...close, neighbours: [10, 10] },
    close, // no neighbours
  ]);
  assert.deepEqual([...isIssue], [1, 1, 0, 0, 1]);
  assert.equal(score[3], 0);
});

Deno.test("boundary flags more from a lesser ratio, and scores stay", () => {
  const rows = [0.1, 0.3, 0.6, 0.7].map((ratio) => ({
    label: 0,
    probs: [1 / (1 + ratio), ratio / (1 + ratio)],
  }));
  const some = detect(rows);
  const more = detect(rows, { minRatio: 0.2 });
  assert.deepEqual([...some.isIssue], [0, 0, 1, 1]);
  assert.deepEqual([...more.isIssue], [0, 1, 1, 1]);
  assert.deepEqual(some.score, more.score);
});

Deno.test("boundary scores are unknown where there are no two classes", () => {
  assert.deepEqual([...detect([{ label: 0, probs: [NaN, NaN] }]).score], [NaN]);
  assert.deepEqual([...detect([{ label: 0, probs: [1] }]).score], [NaN]);
});
