import assert from "node:assert/strict";
import type { Matrix } from "../kernels/matrix.ts";
import { seededNormal } from "../kernels/seeded_normal.ts";
import type { FeatureView } from "../signals/feature_view.ts";
import { TrainingDynamics } from "../signals/training_dynamics.ts";
import { REFERENCES } from "./_second_view_reference.ts";
import { type MadeRun, makeRun } from "./_second_view_testing.ts";
import { collectSignals } from "./collect_signals.ts";
import { scoreDataset } from "./score_dataset.ts";
import type { ScoreResult, SplitInputs } from "./score_types.ts";

const NAMES = ["a", "b", "c"];
/** The reference moves the rate, and with it all probabilities, by 0.6 % even where the view does not count. */
const PROBABILITY_TOLERANCE = 4e-3;

function splitOf(
  { labels, epochs, embeddings, features }: MadeRun,
  more: Partial<SplitInputs> = {},
): SplitInputs {
  const dynamics = new TrainingDynamics({ labels, nClasses: 3 });
  epochs.forEach((logits, epoch) => {
    dynamics.beginEpoch(epoch);
    dynamics.add(Int32Array.from(labels.keys()), logits, "logits");
    dynamics.endEpoch();
  });
  return {
    split: "training",
    isOutOfSample: false,
    dynamics: dynamics.state,
    embeddings,
    views: [{ name: "tokens", features }],
    contentHashes: null,
    textSignatures: null,
    sampleIds: null,
    ...more,
  };
}

const score = (...splits: SplitInputs[]) =>
  scoreDataset({ labelNames: NAMES, splits });
const flaggedRows = ({ issues }: ScoreResult) =>
  issues.filter((i) => i.issueType === "mislabeled").map((i) => i.row);
const near = (a: number, b: number, tolerance: number, what: string) =>
  assert.ok(Math.abs(a - b) <= tolerance, `${what}: ${a} instead of ${b}`);

/** Share of the wrong labels among as many samples that come first. */
function precision({ columns }: ScoreResult, isWrong: readonly boolean[]) {
  const n = isWrong.filter((w) => w).length;
  const first = [...columns.rank.keys()].filter((i) => columns.rank[i]! <= n);
  return first.filter((i) => isWrong[i]).length / n;
}

/** Rows of a run, as a run. */
function rowsOf(run: MadeRun, from: number, to: number): MadeRun {
  const cut = ({ data, cols }: Matrix) => ({
    data: data.slice(from * cols, to * cols),
    rows: to - from,
    cols,
  });
  return {
    labels: run.labels.slice(from, to),
    isWrong: run.isWrong.slice(from, to),
    epochs: run.epochs.map(cut),
    embeddings: cut(run.embeddings),
    features: cut(run.features),
  };
}

for (const reference of REFERENCES) {
  const { name, n, seed, noise } = reference;
  Deno.test(`collectSignals() agrees with the reference in numpy: ${name}`, async () => {
    const split = splitOf(makeRun(n, seed, noise));
    const inputs = { labelNames: NAMES, splits: [split] };
    const { signals, evidence } = await collectSignals(inputs, {});
    reference.logOdds.forEach((z, i) => {
      near(signals.evidence.logOdds[i]!, z, 2e-3, `log-odds of ${i}`);
      near(
        signals.evidence.probability[i]!,
        reference.probability[i]!,
        PROBABILITY_TOLERANCE,
        `probability of ${i}`,
      );
    });
    assert.equal(signals.evidence.rival.join(""), reference.suggested);
    assert.equal(evidence[0]!.noiseRate === null, reference.isUnsure);
    const mean = signals.evidence.probability.reduce((a, b) => a + b, 0) / n;
    near(mean, reference.rate, PROBABILITY_TOLERANCE, "rate");
    assert.equal(
      flaggedRows(await scoreDataset(inputs)).length,
      reference.nFlagged,
    );
  });
}

Deno.test("scoreDataset() ranks better with what samples hold, and gives a probability", async () => {
  const run = makeRun(600, 21, 0.5);
  const alone = await score(splitOf(run, { views: [] }));
  const both = await score(splitOf(run));
  assert.ok(precision(both, run.isWrong) > precision(alone, run.isWrong));
  const { summary, columns: c } = both;
  near(summary.estimated_noise_rate!, 1 / 7, 0.02, "rate");
  const mean = c.mislabeledProbability.reduce((a, b) => a + b, 0) / 600;
  near(mean, summary.estimated_noise_rate!, 1e-4, "mean probability");
  assert.ok(alone.columns.mislabeledProbability.every(Number.isNaN));
  assert.deepEqual(c.confidence, alone.columns.confidence);
  assert.deepEqual(c.predictedLabel, alone.columns.predictedLabel);
});

Deno.test("scoreDataset() tells both opinions where they agree", async () => {
  const run = makeRun(600, 21, 0.5);
  const result = await score(splitOf(run));
  const flagged = result.issues.filter((i) => i.issueType === "mislabeled");
  let nAgree = 0;
  for (const { row, details } of flagged) {
    const agrees = details.probe_label === details.suggested_label;
    if (agrees) nAgree++;
    const name = NAMES[result.columns.suggestedLabel[row]!];
    const told = new RegExp(
      `^Labelled "[abc]", but .*a probe on its text that did not see it gives "${name}" (over )?\\d+ %`,
    );
    assert.equal(told.test(result.reasons[row]!), agrees, result.reasons[row]!);
    assert.ok(Number(details.probe_suggested_probability) >= 0);
  }
  assert.ok(nAgree > 60, `${nAgree} of ${flagged.length}`);
});

Deno.test("scoreDataset() is as without views where these tell no class", async () => {
  const run = makeRun(300, 22, 1);
  const normal = seededNormal(3);
  const noise = {
    ...run.features,
    data: run.features.data.map(() => normal()),
  };
  const alone = await score(splitOf(run, { views: [] }));
  const both = await score(
    splitOf(run, { views: [{ name: "tokens", features: noise }] }),
  );
  assert.deepEqual(both.columns.mislabeledScore, alone.columns.mislabeledScore);
  assert.deepEqual(flaggedRows(both), flaggedRows(alone));
  assert.ok(both.columns.mislabeledProbability.every(Number.isNaN));
  assert.doesNotMatch(both.reasons.join(), /probe/);
  assert.match(both.summary.notes!.join(), /by the model alone.* text /);
  assert.ok(!("notes" in alone.summary));
});

Deno.test("scoreDataset() gives every split both opinions", async () => {
  const run = makeRun(600, 23, 0.5);
  const training = splitOf(rowsOf(run, 0, 450));
  const later = rowsOf(run, 450, 600);
  const last = { ...later, epochs: later.epochs.slice(2, 3) };
  for (const embeddings of [later.embeddings, null]) {
    const outside = {
      split: "validation",
      isOutOfSample: true,
      embeddings,
    } as const;
    const { columns: c } = await score(training, splitOf(last, outside));
    const { columns: alone } = await score(
      { ...training, views: [] },
      splitOf(last, { ...outside, views: [] }),
    );
    const nFound = (scores: Float32Array) => {
      const own = scores.subarray(450);
      return [...own.keys()].sort((a, b) => own[b]! - own[a]!).slice(0, 25)
        .filter((i) => later.isWrong[i]).length;
    };
    const [both, one] = [c, alone].map((x) => nFound(x.mislabeledScore));
    assert.ok(both! > one! && both! >= 22, `${both} and ${one} of 25`);
    assert.ok(c.mislabeledProbability.subarray(450).every((p) => p >= 0));
  }
});

Deno.test("scoreDataset() keeps a run's own opinion of samples that cannot be seen, and says nothing of those it never met", async () => {
  const run = makeRun(300, 24, 0.5);
  run.features.data.fill(NaN, 0, 5 * 3);
  run.epochs.forEach(({ data }) => data.fill(NaN, 3 * 10, 3 * 11));
  const labels = run.labels.with(20, -1);
  const split = splitOf({ ...run, labels });
  const { columns: c, issues } = await score(split);
  const { columns: alone } = await score({ ...split, views: [] });
  assert.deepEqual(
    c.mislabeledScore.subarray(0, 3),
    alone.mislabeledScore.subarray(0, 3),
  );
  assert.notEqual(c.mislabeledScore[3], alone.mislabeledScore[3]);
  assert.equal(c.mislabeledScore[10], NaN);
  assert.equal(c.mislabeledScore[20], NaN);
  assert.equal(c.suggestedLabel[20], (20 * 7) % 3);
  for (const { row, details } of issues) {
    if (row < 3) assert.ok(!("probe_sees" in details));
  }
});

Deno.test("scoreDataset() finds neighbours by features where a run has no embeddings", async () => {
  const { neighbours } = await score(
    splitOf(makeRun(150, 25, 0.5), { embeddings: null }),
  );
  assert.ok(neighbours!.rows.length > 0);
});

Deno.test("scoreDataset() is defined with views on what is hardly a dataset", async () => {
  const run = makeRun(30, 26, 0.5);
  const views = (f: (x: number) => number): FeatureView[] => [
    {
      name: "columns",
      features: { ...run.features, data: run.features.data.map(f) },
    },
  ];
  const one = rowsOf(run, 0, 1);
  const cases: Record<string, SplitInputs[]> = {
    "few samples": [splitOf(run)],
    "one sample": [splitOf(one)],
    "two samples": [splitOf(rowsOf(run, 0, 2))],
    "equal features": [splitOf(run, { views: views(() => 1) })],
    "unknown features": [splitOf(run, { views: views(() => NaN) })],
    "one class": [splitOf({ ...run, labels: run.labels.map(() => 1) })],
    "all unlabelled": [splitOf({ ...run, labels: run.labels.map(() => -1) })],
    "no embeddings": [splitOf(run, { embeddings: null })],
    "views of one split": [
      splitOf(run),
      splitOf(one, { split: "test", isOutOfSample: true, views: [] }),
    ],
    "epochs of one split": [
      splitOf(run),
      splitOf({ ...one, epochs: [] }, { split: "test", isOutOfSample: true }),
    ],
  };
  for (const [name, splits] of Object.entries(cases)) {
    const { columns: c, reasons, summary } = await score(...splits);
    const n = splits.reduce((sum, s) => sum + s.dynamics.nSamples, 0);
    assert.equal(c.rank.length, n, name);
    assert.ok(
      [...c.mislabeledScore, ...c.mislabeledProbability]
        .every((p) => Number.isNaN(p) || (p >= 0 && p <= 1)),
      name,
    );
    assert.doesNotMatch(
      reasons.join() + summary.verdict,
      /NaN|undefined/,
      name,
    );
  }
});

Deno.test("scoreDataset() is deterministic with views, leaves its inputs alone and reports growing progress", async () => {
  const inputs = { labelNames: NAMES, splits: [splitOf(makeRun(90, 27, 0.5))] };
  const before = structuredClone(inputs);
  const fractions: number[] = [];
  const onProgress = (f: number) => fractions.push(f);
  const first = await scoreDataset(inputs, { onProgress });
  assert.deepEqual(inputs, before);
  assert.deepEqual(await scoreDataset(structuredClone(inputs)), first);
  assert.deepEqual(fractions, fractions.toSorted((a, b) => a - b));
  assert.equal(fractions.at(-1), 1);
  const controller = new AbortController();
  const reason = new Error("cancelled");
  const scoring = scoreDataset(inputs, {
    signal: controller.signal,
    onProgress: () => controller.abort(reason),
  });
  await assert.rejects(scoring, reason);
});
