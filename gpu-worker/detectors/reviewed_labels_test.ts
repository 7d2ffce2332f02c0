import assert from "node:assert/strict";
import { probMatrix } from "../kernels/prob_rows.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { emptyDynamics } from "../signals/dynamics_state.ts";
import { TrainingDynamics } from "../signals/training_dynamics.ts";
import {
  knownProbs,
  reviewedLabels,
  standingMargins,
} from "./reviewed_labels.ts";
import { type MadeRun, makeRun } from "./_second_view_testing.ts";
import { scoreDataset } from "./score_dataset.ts";
import type { Review, ScoreResult, SplitInputs } from "./score_types.ts";

const NAMES = ["a", "b", "c"];

function splitOf(run: MadeRun, more: Partial<SplitInputs> = {}): SplitInputs {
  const dynamics = new TrainingDynamics({ labels: run.labels, nClasses: 3 });
  run.epochs.forEach((logits, epoch) => {
    dynamics.beginEpoch(epoch);
    dynamics.add(Int32Array.from(run.labels.keys()), logits, "logits");
    dynamics.endEpoch();
  });
  return {
    split: "training",
    isOutOfSample: false,
    dynamics: dynamics.state,
    embeddings: run.embeddings,
    views: [{ name: "tokens", features: run.features }],
    contentHashes: null,
    textSignatures: null,
    sampleIds: null,
    ...more,
  };
}

const score = (split: SplitInputs, reviews: readonly Review[] = []) =>
  scoreDataset({ labelNames: NAMES, splits: [split], reviews });

/** What somebody who knows the truth of `makeRun` says of a row. */
function truthOf({ labels, isWrong }: MadeRun, row: number): Review {
  return isWrong[row]
    ? { row, verdict: "relabel", label: (row * 7) % 3 }
    : { row, verdict: "keep", label: labels[row]! };
}

/** Rows as an audit draws them: more of those that are uncertain. */
function drawn({ columns }: ScoreResult, n: number): number[] {
  const random = seededRandom(1);
  const key = Array.from(
    columns.mislabeledScore,
    (p) => -Math.log(1 - random()) / (Math.sqrt(p * (1 - p)) + 0.02),
  );
  return [...key.keys()].sort((a, b) => key[a]! - key[b]!).slice(0, n);
}

const flaggedRows = ({ issues }: ScoreResult) =>
  issues.filter((i) => i.issueType === "mislabeled").map((i) => i.row);

Deno.test("reviewedLabels() tells the labels that stand, and which given ones were wrong", () => {
  const { given, standing, isSettled, rows, judged, isWrong } = reviewedLabels(
    Int32Array.of(0, 1, 2, 0, -1, 1),
    [
      { row: 4, verdict: "relabel", label: 2 },
      { row: 0, verdict: "keep", label: 0 },
      { row: 1, verdict: "relabel", label: 2 },
      { row: 2, verdict: "drop", label: -1 },
      { row: 3, verdict: "relabel", label: -1 },
      { row: 5, verdict: "relabel", label: 1 },
    ],
  );
  assert.deepEqual(given, Int32Array.of(0, 1, 2, 0, -1, 1));
  assert.deepEqual(standing, Int32Array.of(0, 2, -1, -1, 2, 1));
  assert.deepEqual(isSettled, Uint8Array.of(1, 1, 0, 0, 1, 1));
  assert.deepEqual(rows, Int32Array.of(0, 1, 2, 3, 4, 5));
  assert.deepEqual(judged, Int32Array.of(0, 1, 3, 5));
  assert.deepEqual(isWrong, Uint8Array.of(0, 1, 1, 0));
});

Deno.test("reviewedLabels() throws if a row is not there, or reviewed twice", () => {
  const keep = (row: number): Review => ({ row, verdict: "keep", label: 0 });
  for (const rows of [[2], [-1], [1, 0, 1]]) {
    assert.throws(
      () => reviewedLabels(Int32Array.of(0, 0), rows.map(keep)),
      { name: "RangeError", message: /another row in 0\.\.1: current value/ },
    );
  }
});

Deno.test("knownProbs() and standingMargins() take what people said", () => {
  const probs = {
    data: Float32Array.of(0.75, 0.25, 0.75, 0.25, 0.75, 0.25),
    rows: 3,
    cols: 2,
  };
  const reviewed = reviewedLabels(Int32Array.of(0, 0, 0), [
    { row: 1, verdict: "relabel", label: 1 },
    { row: 2, verdict: "drop", label: -1 },
  ]);
  const known = knownProbs(probs, reviewed);
  assert.deepEqual(
    probMatrix(known).data,
    Float32Array.of(0.75, 0.25, 0, 1, NaN, NaN),
  );
  assert.deepEqual(
    [known.get(0, 1), known.get(1, 1), known.get(2, 1)],
    [0.25, 1, NaN],
  );
  const sums = new Float64Array(2);
  assert.deepEqual([0, 1, 2].map((row) => known.addTo(row, 2, sums)), [
    0,
    0,
    NaN,
  ]);
  assert.deepEqual(sums, Float64Array.of(1.5, 2.5));
  assert.deepEqual(
    standingMargins(
      Float64Array.of(0.9, 0.9, 0.9),
      probs,
      reviewed.given,
      reviewed.standing,
    ),
    Float64Array.of(0.9, -0.5, NaN),
  );
});

for (const name of ["with a model", "without a model"]) {
  const more = (run: MadeRun): Partial<SplitInputs> =>
    name === "with a model"
      ? {}
      : { dynamics: emptyDynamics(run.labels, 3), embeddings: null };

  Deno.test(`scoreDataset() ${name} never flags again what people judged, and counts it`, async () => {
    const run = makeRun(600, 21, 0.8);
    const split = splitOf(run, more(run));
    const before = await score(split);
    const rows = [
      ...flaggedRows(before).slice(0, 40),
      ...drawn(before, 120),
    ].filter((row, i, all) => all.indexOf(row) === i);
    const reviews = rows.map((row) => truthOf(run, row));
    const dropped = rows.at(-1)!;
    reviews[rows.length - 1] = { row: dropped, verdict: "drop", label: -1 };
    const { columns, summary, ...after } = await score(split, reviews);
    const flagged = new Set(flaggedRows({ columns, summary, ...after }));
    for (const { row, verdict, label } of reviews) {
      assert.ok(!flagged.has(row));
      assert.equal(columns.givenLabel[row], run.labels[row]);
      const expected = verdict === "drop" ? NaN : 0;
      assert.equal(columns.mislabeledProbability[row], expected);
      assert.equal(columns.mislabeledScore[row], expected);
      if (verdict === "relabel") {
        assert.equal(columns.suggestedLabel[row], label);
      }
    }
    const confirmed = reviews.filter((r) => r.verdict === "relabel").length;
    const open = columns.mislabeledProbability.reduce(
      (sum, p) => sum + (Number.isNaN(p) ? 0 : p),
      0,
    );
    const rate = (confirmed + open) / 599;
    assert.ok(Math.abs(summary.estimated_noise_rate! - rate) < 1e-4);
    assert.ok(
      Math.abs(summary.estimated_noise_rate! - 1 / 7) < 0.03,
      `${summary.estimated_noise_rate}`,
    );
    const { basis, all } = summary.expected_errors!;
    assert.equal(basis, "verdicts");
    assert.ok(Math.abs(all!.mean / 599 - rate) < 1e-4);
    assert.equal(all!.n, 599);
    const nWrong = run.isWrong.filter((w) => w).length;
    assert.ok(all!.low < nWrong && nWrong < all!.high + 1, JSON.stringify(all));
    // reports count labels as they stand
    const nGiven = after.classReport.reduce((sum, c) => sum + c.nGiven, 0);
    assert.equal(nGiven, 599);
  });
}

Deno.test("scoreDataset() proposes no other label where somebody said which is right, whatever copies are labelled", async () => {
  const run = makeRun(60, 3, 1);
  const copies = [0, 3, 6];
  copies.forEach((row, i) => run.labels[row] = i === 0 ? 0 : 1);
  const split = splitOf(run, {
    contentHashes: Array.from(
      run.labels,
      (_, row) => copies.includes(row) ? "same" : `${row}`,
    ),
    embeddings: null,
    views: [],
  });
  const told = async (reviews: readonly Review[]) => {
    const { columns, issueTypes } = await score(split, reviews);
    const isConflict = issueTypes[0]!.includes("label_conflict");
    return [isConflict, columns.suggestedLabel[0]];
  };
  assert.deepEqual(await told([]), [true, 1]);
  const keep: Review = { row: 0, verdict: "keep", label: 0 };
  assert.deepEqual(await told([keep]), [false, -1]);
  const relabel: Review = { row: 0, verdict: "relabel", label: 2 };
  assert.deepEqual(await told([relabel]), [false, 2]);
  const same: Review = { row: 0, verdict: "relabel", label: 0 };
  assert.deepEqual(await told([same]), [false, -1]);
  const drop: Review = { row: 0, verdict: "drop", label: -1 };
  assert.deepEqual(await told([drop]), [false, -1]);
});

Deno.test("scoreDataset() moves neighbours of samples that people judged", async () => {
  const run = makeRun(300, 4, 1.2);
  const split = splitOf(run, {
    dynamics: emptyDynamics(run.labels, 3),
    embeddings: null,
  });
  const told = [truthOf(run, 2)];
  const [apart, apartTold] = [await score(split), await score(split, told)];
  // a copy of a wrongly labelled sample, labelled as wrongly: each is the other's only witness
  const [wrong, copy] = [2, 5];
  assert.ok(run.isWrong[wrong]);
  const { cols, data } = run.features;
  data.copyWithin(copy * cols, wrong * cols, (wrong + 1) * cols);
  run.labels[copy] = run.labels[wrong]!;
  const changed = splitOf(run, {
    dynamics: emptyDynamics(run.labels, 3),
    embeddings: null,
  });
  const alike = await score(changed);
  const alikeTold = await score(changed, told);
  const [p, q, far, farTold] = [alike, alikeTold, apart, apartTold].map((r) =>
    r.columns.mislabeledScore[copy]!
  );
  assert.ok(q! > p! + 0.01, `${p} became ${q}`);
  // what is no copy hardly moves
  const moved = Math.abs(farTold! - far!);
  assert.ok(moved < (q! - p!) / 10, `${far} became ${farTold}`);
});

Deno.test("scoreDataset() makes a number of too little evidence with enough verdicts that are not all of the top", async () => {
  const run = makeRun(1200, 5, 1.1);
  const split = splitOf(run, { views: [] });
  const before = await score(split);
  assert.equal(before.summary.estimated_noise_rate, null);
  assert.equal(before.summary.expected_errors, null);
  assert.match(before.summary.verdict, /Audit 100 samples to find out/);
  const judge = async (rows: readonly number[]) =>
    (await score(split, rows.map((row) => truthOf(run, row)))).summary;
  const enough = await judge(drawn(before, 60));
  assert.ok(Math.abs(enough.estimated_noise_rate! - 1 / 7) < 0.06);
  assert.ok(enough.noise_rate_interval!.low < 1 / 7);
  assert.ok(enough.noise_rate_interval!.high > 1 / 7);
  assert.equal(enough.expected_errors!.basis, "verdicts");
  assert.doesNotMatch(enough.verdict, /not enough evidence/);
  assert.equal((await judge(drawn(before, 20))).estimated_noise_rate, null);
  const top = [...before.columns.rank.keys()]
    .sort((a, b) => before.columns.rank[a]! - before.columns.rank[b]!);
  assert.equal((await judge(top.slice(0, 32))).estimated_noise_rate, null);
});

Deno.test("scoreDataset() tells errors to expect in the first ones, with what is usual as interval", async () => {
  const run = makeRun(700, 21, 0.5);
  const { summary, columns } = await score(splitOf(run));
  const { basis, top, flagged, all } = summary.expected_errors!;
  assert.equal(basis, "scores");
  assert.deepEqual(top.map((t) => t.n), [100, 500]);
  const first = (n: number) =>
    [...columns.rank.keys()].filter((i) => columns.rank[i]! <= n);
  for (const { n, mean, low, high } of top) {
    const expected = first(n).reduce(
      (sum, i) => sum + columns.mislabeledProbability[i]!,
      0,
    );
    assert.ok(Math.abs(mean - expected) < 0.5, `${mean} ${expected}`);
    assert.ok(low < mean && mean < high, `${low} ${mean} ${high}`);
  }
  assert.equal(flagged.n, summary.issue_counts.mislabeled);
  assert.equal(all!.n, 700);
  assert.ok(Math.abs(all!.mean / 700 - summary.estimated_noise_rate!) < 1e-6);
  assert.ok(all!.low < 100 && 100 < all!.high, `${all!.low} ${all!.high}`);
  // 90 % of what was × or ÷ 2.2 in the odds of the rate at 95 %
  const logit = (count: number) => Math.log(count / (700 - count));
  const half = (logit(all!.high) - logit(all!.low)) / 2;
  const expected = 1.645 * Math.log(2.2) / 1.96;
  assert.ok(half > 0.75 * expected && half < 1.25 * expected, `${half}`);
});
