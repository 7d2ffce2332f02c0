import assert from "node:assert/strict";
import type { Matrix } from "../kernels/matrix.ts";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { emptyDynamics } from "../signals/dynamics_state.ts";
import type { FeatureView } from "../signals/feature_view.ts";
import { SIGNATURE_LENGTH, textSignature } from "../signals/text_signature.ts";
import { scoreDataset } from "./score_dataset.ts";
import type { ScoreResult, SplitInputs } from "./score_types.ts";

const K = 3;
const NAMES = ["ham", "spam", "news"];

/** A table whose first columns tell the class, in units of their own; a tenth of the labels wrong. */
function makeTable(n: number, seed: number, noise = 0.1) {
  const normal = seededNormal(seed);
  const truth = Int32Array.from({ length: n }, (_, i) => i % K);
  const every = noise > 0 ? Math.round(1 / noise) : Infinity;
  const isWrong = Array.from(truth, (_, i) => i % every === 4);
  const labels = truth.map((y, i) => isWrong[i] ? (y + 1) % K : y);
  const cols = 6;
  const data = Float32Array.from({ length: n * cols }, (_, at) => {
    const [row, col] = [Math.floor(at / cols), at % cols];
    return 10 ** (col - 2) * (normal() + (truth[row] === col ? 4 : 0));
  });
  return { truth, labels, isWrong, features: { data, rows: n, cols } };
}

function splitOf(
  labels: Int32Array,
  views: readonly FeatureView[],
  more: Partial<SplitInputs> = {},
): SplitInputs {
  return {
    split: "training",
    isOutOfSample: false,
    dynamics: emptyDynamics(labels, K),
    embeddings: null,
    views,
    contentHashes: null,
    textSignatures: null,
    sampleIds: null,
    ...more,
  };
}

const columns = (features: Matrix): FeatureView[] => [
  { name: "columns", features },
];
const score = (...splits: SplitInputs[]) =>
  scoreDataset({ labelNames: NAMES, splits });
const flaggedRows = ({ issues }: ScoreResult) =>
  issues.filter((i) => i.issueType === "mislabeled").map((i) => i.row);

Deno.test("scoreDataset() finds wrong labels of a table without a model, and says why", async () => {
  const { truth, labels, isWrong, features } = makeTable(300, 1);
  const result = await score(splitOf(labels, columns(features)));
  const flagged = flaggedRows(result);
  const hits = flagged.filter((row) => isWrong[row]);
  assert.ok(
    hits.length >= 27 && hits.length / flagged.length > 0.85,
    `${hits.length} of ${flagged.length}`,
  );
  for (const row of hits) {
    assert.equal(result.columns.suggestedLabel[row], truth[row]);
    assert.match(
      result.reasons[row]!,
      /^Labelled "(ham|spam|news)", but .*a probe that did not see it gives "(ham|spam|news)" (over )?\d+ %/,
    );
  }
  assert.doesNotMatch(
    result.reasons.join() + result.summary.verdict,
    /model|epoch/,
  );
  const { summary, columns: c } = result;
  assert.ok(Math.abs(summary.estimated_noise_rate! - 0.1) < 0.03);
  const expected = c.mislabeledProbability.reduce((a, b) => a + b, 0) / 300;
  assert.ok(Math.abs(expected - summary.estimated_noise_rate!) < 1e-4);
  assert.equal(summary.n_epochs, 0);
  assert.deepEqual(summary.accuracy, {});
  assert.deepEqual(
    [...c.rank].sort((a, b) => a - b),
    Array.from(labels, (_, i) => i + 1),
  );
});

Deno.test("scoreDataset() fills columns from the probe, and leaves unknown what only epochs tell", async () => {
  const { truth, labels, features } = makeTable(150, 2);
  const { columns: c, classReport, neighbours } = await score(
    splitOf(labels, columns(features)),
  );
  const agreed = c.predictedLabel.filter((p, i) => p === truth[i]).length;
  assert.ok(agreed >= 140, `${agreed} of 150`);
  c.confidence.forEach((p, i) => {
    assert.ok(p >= 0 && p <= 1);
    assert.ok(Math.abs(c.hardness[i]! - (1 - p)) < 1e-6);
    if (p > 0.5) assert.equal(c.predictedLabel[i], labels[i]);
  });
  for (
    const unknown of [
      c.variability,
      c.correctness,
      c.areaUnderMargin,
      c.el2n,
      c.lastConfidence,
    ]
  ) assert.ok(unknown.every(Number.isNaN));
  assert.ok(c.firstLearnedEpoch.every((e) => e === -1));
  assert.ok(c.forgettingEvents.every((e) => e === 0));
  assert.ok(c.epochsSeen.every((e) => e === 0));
  for (const { recall, noiseRate } of classReport) {
    assert.ok(recall! > 0.8 && Math.abs(noiseRate! - 0.1) < 0.08);
  }
  assert.ok(neighbours!.rows.length > 0);
});

Deno.test("scoreDataset() learns from all labelled samples of all splits, and suggests labels to the others", async () => {
  const { truth, labels, isWrong, features } = makeTable(240, 3);
  const part = (from: number, to: number): Matrix => ({
    data: features.data.slice(from * features.cols, to * features.cols),
    rows: to - from,
    cols: features.cols,
  });
  const own = labels.slice();
  own.fill(-1, 0, 5);
  const whole = await score(splitOf(own, columns(features)));
  const both = await score(
    splitOf(own.slice(0, 200), columns(part(0, 200))),
    splitOf(own.slice(200), columns(part(200, 240)), { split: "validation" }),
  );
  // as arrays: typed arrays also compare the bits of NaN
  assert.deepEqual(
    [...both.columns.mislabeledScore],
    [...whole.columns.mislabeledScore],
  );
  const outside = flaggedRows(both).filter((row) => row >= 200);
  assert.ok(outside.filter((row) => isWrong[row]).length >= 3);
  for (let row = 0; row < 5; row++) {
    assert.equal(both.columns.suggestedLabel[row], truth[row]);
    assert.equal(both.columns.mislabeledScore[row], NaN);
    assert.equal(both.columns.mislabeledProbability[row], NaN);
  }
});

Deno.test("scoreDataset() flags next to nothing of a clean table", async () => {
  const { labels, features } = makeTable(600, 4, 0);
  const result = await score(splitOf(labels, columns(features)));
  assert.ok(flaggedRows(result).length <= 6);
});

Deno.test("scoreDataset() is deterministic without a model, and leaves its inputs alone", async () => {
  const { labels, features } = makeTable(90, 5);
  const split = splitOf(labels, columns(features));
  const before = structuredClone(split);
  const first = await score(split);
  assert.deepEqual(split, before);
  const { columns: again } = await score(structuredClone(split));
  assert.deepEqual(again.rank, first.columns.rank);
  assert.deepEqual(
    [...again.mislabeledProbability],
    [...first.columns.mislabeledProbability],
  );
});

Deno.test("scoreDataset() finds near duplicates by text where there is one, else by image, else by columns", async () => {
  const { labels, features } = makeTable(60, 6);
  const copied = { ...features, data: features.data.slice() };
  copied.data.copyWithin(0, 6 * 9, 6 * 10); // row 0 is row 9, of the same class
  const bySource = async (
    views: FeatureView[],
    more?: Partial<SplitInputs>,
  ) => {
    const { issues, reasons } = await score(
      splitOf(labels, views, {
        ...more,
        sampleIds: Array.from(labels, (_, i) => `s${i}`),
      }),
    );
    const found = issues.filter((i) => i.issueType === "near_duplicate");
    return {
      rows: found.map((i) => i.row),
      reason: reasons[0]!,
      source: found[0]?.details.source,
    };
  };
  const table = await bySource(columns(copied));
  assert.deepEqual(table.rows, [0, 9]);
  assert.equal(table.source, "columns");
  assert.equal(table.reason, 'Has almost the same features as sample "s9"');
  const image = await bySource([
    ...columns(features),
    { name: "image", features: copied },
  ]);
  assert.deepEqual(image.rows, [0, 9]);
  assert.equal(image.reason, 'Looks almost the same as sample "s9"');
  const textSignatures = new Uint32Array(60 * SIGNATURE_LENGTH);
  labels.forEach((_, i) =>
    textSignature(
      `text ${i} says ${i * 7} and ${i * 11}`,
      textSignatures.subarray(
        i * SIGNATURE_LENGTH,
        (i + 1) * SIGNATURE_LENGTH,
      ),
    )
  );
  assert.deepEqual(
    (await bySource(columns(copied), { textSignatures })).rows,
    [],
  );
});

Deno.test("scoreDataset() is defined without a model on what is hardly a dataset", async () => {
  const { labels, features } = makeTable(30, 7);
  const same = { ...features, data: features.data.map(() => 1) };
  const unknown = { ...features, data: features.data.map(() => NaN) };
  const two = { data: Float32Array.of(1, 2), rows: 2, cols: 1 };
  const one = { data: Float32Array.of(1), rows: 1, cols: 1 };
  const wide = {
    data: Float32Array.from({ length: 30 * 60 }, seededNormal(1)),
    rows: 30,
    cols: 60,
  };
  const cases: Record<string, [SplitInputs[], canJudge: boolean]> = {
    "one class": [[splitOf(labels.map(() => 1), columns(features))], false],
    "all features equal": [[splitOf(labels, columns(same))], false],
    "no features known": [[splitOf(labels, columns(unknown))], false],
    "all unlabelled": [
      [splitOf(labels.map(() => -1), columns(features))],
      false,
    ],
    "two samples": [[splitOf(Int32Array.of(0, 1), columns(two))], true],
    "one sample": [[splitOf(Int32Array.of(0), columns(one))], false],
    "fewer rows than columns": [[splitOf(labels, columns(wide))], true],
    "one split without views": [
      [
        splitOf(labels, columns(features)),
        splitOf(labels, [], { split: "test" }),
      ],
      true,
    ],
  };
  for (const [name, [splits, canJudge]] of Object.entries(cases)) {
    const result = await score(...splits);
    const { mislabeledScore, mislabeledProbability } = result.columns;
    assert.equal(mislabeledScore.some((x) => !Number.isNaN(x)), canJudge, name);
    assert.ok(
      [...mislabeledScore, ...mislabeledProbability]
        .every((x) => Number.isNaN(x) || (x >= 0 && x <= 1)),
      name,
    );
    assert.equal(result.summary.estimated_noise_rate, null, name);
    assert.doesNotMatch(
      result.reasons.join() + result.summary.verdict,
      /NaN|undefined/,
      name,
    );
    assert.equal(
      /could be checked/.test(result.summary.verdict),
      !canJudge,
      `${name}: ${result.summary.verdict}`,
    );
  }
});

Deno.test("scoreDataset() takes a thousand classes, more than there are neighbours or samples of most", async () => {
  const n = 400;
  const random = seededNormal(8);
  const features = {
    data: Float32Array.from({ length: n * 4 }, () => random()),
    rows: n,
    cols: 4,
  };
  const labels = Int32Array.from({ length: n }, (_, i) => (i * 37) % 1000);
  const { columns: c, summary } = await scoreDataset({
    labelNames: Array.from({ length: 1000 }, (_, k) => `class ${k}`),
    splits: [{
      ...splitOf(new Int32Array(0), columns(features)),
      dynamics: emptyDynamics(labels, 1000),
    }],
  });
  assert.ok(c.mislabeledScore.every((s) => s >= 0 && s <= 1));
  assert.equal(summary.estimated_noise_rate, null);
});

Deno.test("scoreDataset() reports growing progress without a model, and stops when told to", async () => {
  const { labels, features } = makeTable(120, 9);
  const inputs = {
    labelNames: NAMES,
    splits: [splitOf(labels, columns(features))],
  };
  const fractions: number[] = [];
  await scoreDataset(inputs, { onProgress: (f) => fractions.push(f) });
  assert.deepEqual(fractions, fractions.toSorted((a, b) => a - b));
  assert.equal(fractions.at(-1), 1);
  const controller = new AbortController();
  const reason = new Error("cancelled");
  await assert.rejects(
    scoreDataset(inputs, {
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    }),
    reason,
  );
});

Deno.test("scoreDataset() throws if views and samples disagree", async () => {
  const { features } = makeTable(30, 10);
  await assert.rejects(
    score(splitOf(new Int32Array(20), columns(features))),
    /"columns" must have 20 rows: current value is 30/,
  );
});
