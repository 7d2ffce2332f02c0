import assert from "node:assert/strict";
import { topTwo } from "../kernels/top_two.ts";
import { evidenceOf, trainingSplit } from "./_testing.ts";
import { boundary } from "./boundary.ts";

const { defaults } = boundary;

/** One sample a row: its label and probabilities. */
function detect(rows: [label: number, ...probs: number[]][], support = 1) {
  const probs = {
    data: Float32Array.from(rows.flatMap(([, ...p]) => p)),
    rows: rows.length,
    cols: rows[0]!.length - 1,
  };
  return boundary.detect({
    labels: Int32Array.from(rows, ([label]) => label),
    splits: [trainingSplit(rows.length)],
    evidence: evidenceOf(rows.map(() => support)),
    predictions: topTwo(probs),
  }, defaults);
}

/** Ten confusions of classes 0 and 1, ratio .4 to .85. */
const confusions = Array.from(
  { length: 10 },
  (_, i): [number, ...number[]] => {
    const ratio = 0.4 + 0.05 * i;
    return [1, 1 / (1 + ratio), ratio / (1 + ratio), 0];
  },
);

Deno.test("boundary flags what is as close as nine in ten of the pair's confusions, and of that pair only", () => {
  const { isIssue, details } = detect([
    ...confusions,
    [0, 0.55, 0.45, 0], // right, but as close: ratio .82
    [0, 0.9, 0.1, 0],
    [2, 0, 0.45, 0.55], // another pair, never confused
    [-1, 0.45, 0.55, 0], // unlabelled, the other way round
  ]);
  assert.deepEqual(
    [...isIssue],
    [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1],
  );
  assert.equal(details.get(10)!.pair_confusions, 10);
  assert.equal(details.get(10)!.pair_size, 11);
});

Deno.test("boundary needs confusions: labels that are likely wrong make none", () => {
  assert.ok(!detect(confusions.slice(0, 4)).isIssue.includes(1));
  assert.ok(!detect(confusions, -3).isIssue.includes(1));
});

Deno.test("boundary flags nothing that is far from it, however the pair is confused", () => {
  const far = Array.from(
    { length: 10 },
    (): [number, ...number[]] => [1, 0.9, 0.1],
  );
  assert.ok(!detect(far).isIssue.includes(1));
});

Deno.test("boundary scores are the ratio of the two probabilities, unknown where there are no two", () => {
  assert.deepEqual([...detect([[0, 0.5, 0.25, 0.25]]).score], [0.5]);
  assert.deepEqual([...detect([[0, NaN, NaN]]).score], [NaN]);
  assert.deepEqual([...detect([[0, 1]]).score], [NaN]);
});
