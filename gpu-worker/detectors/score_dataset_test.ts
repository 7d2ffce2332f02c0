import assert from "node:assert/strict";
import {
  inputsOf,
  makeRun,
  matrix,
  type Run,
  splitOf,
} from "./_score_dataset_testing.ts";
import { scoreDataset } from "./score_dataset.ts";
import type { SplitInputs } from "./score_types.ts";

/** The definition, one sample after the other: support, log-odds, suggestion. */
function reference({ labels, epochs, embeddings }: Run) {
  const probs = epochs.map((rows) =>
    rows.map((z) => {
      const e = z.map((x) => Math.exp(x - Math.max(...z)));
      return e.map((x) => x / e.reduce((a, b) => a + b, 0));
    })
  );
  const argmax = (v: number[]) => v.indexOf(Math.max(...v));
  const margin = (v: number[], y: number) =>
    v[y]! - Math.max(...v.filter((_, k) => k !== y));
  const accuracy = epochs.map((rows) =>
    rows.filter((z, i) => argmax(z) === labels[i]).length / labels.length
  );
  const raw = accuracy.map((a) => a ** 3 * (1 - a) + 1e-4);
  const weight = raw.map((w) => w / raw.reduce((a, b) => a + b, 0));
  const p = labels.map((_, i) =>
    probs[0]![i]!.map((_, k) =>
      probs.reduce((sum, e, t) => sum + weight[t]! * e[i]![k]!, 0)
    )
  );
  const unit = embeddings.map((x) => x.map((v) => v / Math.hypot(...x)));
  return labels.map((y, i) => {
    const near = unit
      .map((x, j) => ({
        j,
        cosine: x.reduce((sum, v, d) => sum + v * unit[i]![d]!, 0),
      }))
      .filter(({ j }) => j !== i)
      .sort((a, b) => b.cosine - a.cosine)
      .slice(0, 20)
      .map(({ j, cosine }) => ({ j, weight: Math.max(0, cosine) + 1e-9 }));
    const total = near.reduce((sum, { weight }) => sum + weight, 0);
    const q = p[i]!.map((_, k) =>
      near.reduce((sum, { j, weight }) => sum + weight * p[j]![k]!, 0) / total
    );
    const blend = q.map((x, k) =>
      0.5 * Math.log(p[i]![k]! + 1e-3) + 0.5 * Math.log(x + 1e-3)
    );
    const m = probs.reduce(
      (sum, e, t) => sum + weight[t]! * margin(e[i]!, y),
      0,
    );
    const s = m + 0.5 * margin(q, y) + 0.3 * (margin(blend, y) + blend[y]!);
    const votes = q.map((x, k) =>
      k === y
        ? -Infinity
        : Math.log(p[i]![k]! + 1e-3) + 0.5 * Math.log(x + 1e-3)
    );
    return { z: -1.32 - 1.65 * s, suggested: argmax(votes) };
  });
}

Deno.test("scoreDataset() agrees with the definition computed one sample after the other", async () => {
  const run = makeRun(300, 1);
  const expected = reference(run);
  const { columns } = await scoreDataset(inputsOf(splitOf(run)));
  expected.forEach(({ z }, i) => {
    const score = columns.mislabeledScore[i]!;
    assert.ok(
      Math.abs(score - 1 / (1 + Math.exp(-z))) < 1e-5,
      `${i}: ${score} instead of ${z}`,
    );
  });
  columns.suggestedLabel.forEach((label, i) => {
    if (label >= 0) assert.equal(label, expected[i]!.suggested);
  });
});

Deno.test("scoreDataset() of 100 classes agrees with the definition over all of them, though epochs keep 64", async () => {
  const run = makeRun(500, 1, 100);
  const expected = reference(run);
  const { columns } = await scoreDataset({
    labelNames: Array.from({ length: 100 }, (_, k) => `c${k}`),
    splits: [splitOf(run)],
  });
  expected.forEach(({ z }, i) => {
    const score = columns.mislabeledScore[i]!;
    assert.ok(
      Math.abs(score - 1 / (1 + Math.exp(-z))) < 0.05,
      `${i}: ${score} instead of ${1 / (1 + Math.exp(-z))}`,
    );
  });
  const proposed = [...columns.suggestedLabel.entries()]
    .filter(([, label]) => label >= 0);
  const same = proposed.filter(([i, k]) => k === expected[i]!.suggested);
  assert.ok(proposed.length > 100);
  assert.ok(same.length >= 0.9 * proposed.length, "but for near ties");
});

Deno.test("scoreDataset() finds the wrong labels, says why and what they should be", async () => {
  const run = makeRun(400, 2);
  const result = await scoreDataset(inputsOf(splitOf(run)));
  const flagged = result.issues.filter((i) => i.issueType === "mislabeled");
  const nWrong = run.isWrong.filter((w) => w).length;
  const hits = flagged.filter(({ row }) => run.isWrong[row]).length;
  assert.ok(
    hits / flagged.length > 0.8 && hits / nWrong > 0.8,
    `${hits} of ${flagged.length}, ${nWrong}`,
  );
  for (const { row } of flagged) {
    assert.match(result.reasons[row]!, /^Labelled "[abc]", but/);
    assert.equal(result.firstIssueType[row], "mislabeled");
    assert.ok(result.columns.suggestedLabel[row]! >= 0);
  }
  const worst = result.columns.rank.indexOf(1);
  assert.equal(
    result.columns.dataErrorPotential[worst],
    Math.max(...result.columns.dataErrorPotential),
  );
  assert.deepEqual(
    [...result.columns.rank].sort((a, b) => a - b),
    run.labels.map((_, i) => i + 1),
  );
  assert.equal(result.summary.issue_counts.mislabeled, flagged.length);
  assert.ok(
    Math.abs(result.summary.estimated_noise_rate! - nWrong / 400) < 0.06,
  );
  assert.equal(result.classReport.length, 3);
  assert.equal(
    result.classPairs.reduce((n, pair) => n + pair.nFlagged, 0),
    flagged.length,
  );
  assert.ok(result.neighbours!.rows.length >= flagged.length);
});

Deno.test("scoreDataset() is deterministic, leaves its inputs alone, and its result crosses to a thread", async () => {
  const inputs = inputsOf(splitOf(makeRun(120, 3)));
  const before = structuredClone(inputs);
  const first = await scoreDataset(inputs);
  assert.deepEqual(inputs, before);
  assert.deepEqual(await scoreDataset(structuredClone(inputs)), first);
  assert.deepEqual(structuredClone(first), first);
});

Deno.test("scoreDataset() gives training samples the same scores with and without another split", async () => {
  const training = splitOf(makeRun(150, 4));
  const alone = await scoreDataset(inputsOf(training));
  const run = makeRun(60, 5);
  const validation = splitOf({ ...run, epochs: run.epochs.slice(3, 4) }, {
    split: "validation",
    isOutOfSample: true,
  });
  const both = await scoreDataset(inputsOf(training, validation));
  const swapped = await scoreDataset(inputsOf(validation, training));
  assert.deepEqual(
    both.columns.mislabeledScore.subarray(0, 150),
    alone.columns.mislabeledScore,
  );
  assert.deepEqual(
    swapped.columns.mislabeledScore.subarray(60),
    alone.columns.mislabeledScore,
  );
  const other = both.columns.mislabeledScore.subarray(150);
  assert.deepEqual(swapped.columns.mislabeledScore.subarray(0, 60), other);
  const wrong = run.isWrong.flatMap((w, i) => w ? other[i]! : []);
  const right = run.isWrong.flatMap((w, i) => w ? [] : other[i]!);
  const mean = (v: number[]) => v.reduce((a, b) => a + b, 0) / v.length;
  assert.ok(mean(wrong) > mean(right) + 0.3);
});

Deno.test("scoreDataset() scores out-of-sample probabilities alone", async () => {
  const run = makeRun(300, 6);
  const split = splitOf({
    ...run,
    epochs: run.epochs.slice(3, 4),
    embeddings: [],
  }, { isOutOfSample: true });
  const { columns, neighbours } = await scoreDataset(inputsOf(split));
  const nWrong = run.isWrong.filter((w) => w).length;
  const top = [...columns.rank.keys()].filter((i) =>
    columns.rank[i]! <= nWrong
  );
  assert.ok(top.filter((i) => run.isWrong[i]).length / nWrong > 0.6);
  assert.equal(neighbours, null);
});

Deno.test("scoreDataset() tells no probability that is not calibrated", async () => {
  const { columns } = await scoreDataset(inputsOf(splitOf(makeRun(60, 13))));
  assert.equal(columns.mislabeledProbability.length, 60);
  assert.ok(columns.mislabeledProbability.every(Number.isNaN));
});

Deno.test("scoreDataset() takes other thresholds", async () => {
  const inputs = inputsOf(splitOf(makeRun(200, 8)));
  const { summary } = await scoreDataset(inputs, {
    settings: { mislabeled: { minProbability: 1 } },
  });
  assert.equal(summary.issue_counts.mislabeled, undefined);
});

Deno.test("scoreDataset() is defined on what is hardly a dataset", async () => {
  const run = makeRun(30, 9);
  const constant = run.embeddings.map(() => [1, 1]);
  const nothing = { labels: [], epochs: [[]], embeddings: [], isWrong: [] };
  const cases: Record<string, SplitInputs[]> = {
    "no splits": [],
    "no samples": [splitOf(nothing)],
    "no epochs": [splitOf({ ...run, epochs: [] })],
    "no embeddings": [splitOf({ ...run, embeddings: [] })],
    "one sample": [
      splitOf({
        labels: [1],
        epochs: [[[0, 1, 2]]],
        embeddings: [[1, 2]],
        isWrong: [],
      }),
    ],
    "all unlabelled": [splitOf({ ...run, labels: run.labels.map(() => -1) })],
    "constant embeddings": [splitOf({ ...run, embeddings: constant })],
    "zero embeddings": [
      splitOf({ ...run, embeddings: run.embeddings.map(() => [0, 0]) }),
    ],
    "NaN embeddings": [
      splitOf({ ...run, embeddings: run.embeddings.map(() => [NaN, NaN]) }),
    ],
    "NaN outputs": [
      splitOf({
        ...run,
        epochs: run.epochs.map((e) => e.map(() => [NaN, 0, 0])),
      }),
    ],
    "out of sample, unlabelled": [
      splitOf({ ...run, labels: run.labels.map(() => -1), embeddings: [] }, {
        isOutOfSample: true,
      }),
    ],
  };
  for (const [name, splits] of Object.entries(cases)) {
    const { columns, reasons, summary, issueScores } = await scoreDataset(
      inputsOf(...splits),
    );
    const n = splits.reduce((sum, s) => sum + s.dynamics.nSamples, 0);
    assert.equal(columns.rank.length, n, name);
    assert.equal(reasons.length, n, name);
    assert.ok(summary.verdict.length > 0, name);
    for (
      const scores of [
        columns.mislabeledScore,
        columns.hardness,
        ...Object.values(issueScores),
      ]
    ) {
      assert.ok(
        scores.every((s) => Number.isNaN(s) || (s >= 0 && s <= 1)),
        name,
      );
    }
    assert.doesNotMatch(
      reasons.join() + summary.verdict,
      /NaN|undefined/,
      name,
    );
  }
  const one = {
    labels: [0, 0],
    epochs: [[[1], [2]]],
    embeddings: [],
    isWrong: [],
  };
  const { firstIssueType, summary } = await scoreDataset({
    labelNames: ["only"],
    splits: [splitOf(one)],
  });
  assert.deepEqual(firstIssueType, ["clean", "clean"]);
  assert.match(summary.verdict, /^None of 2 labels could be checked: [^.]+\.$/);
  assert.equal(summary.estimated_noise_rate, null);
  assert.equal(summary.expected_errors, null);
});

Deno.test("scoreDataset() leaves a sample that was never met without a score, at the end of the list", async () => {
  const run = makeRun(50, 10);
  run.epochs = run.epochs.map((rows) =>
    rows.map((z, i) => i === 0 ? [NaN, NaN, NaN] : z)
  );
  const { columns, issueTypes } = await scoreDataset(inputsOf(splitOf(run)));
  assert.equal(columns.mislabeledScore[0], NaN);
  assert.equal(columns.rank[0], 50);
  assert.equal(columns.predictedLabel[0], -1);
  assert.deepEqual(issueTypes[0], []);
});

Deno.test("scoreDataset() reports growing progress up to 1, and stops when told to", async () => {
  const inputs = inputsOf(splitOf(makeRun(600, 11)));
  const fractions: number[] = [];
  await scoreDataset(inputs, { onProgress: (f) => fractions.push(f) });
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

Deno.test("scoreDataset() throws if arrays disagree", async () => {
  const split = splitOf(makeRun(20, 12));
  const wrong: [Partial<SplitInputs>, RegExp][] = [
    [
      { embeddings: matrix([[1], [2]]) },
      /embeddings must have 20 rows: current value is 2/,
    ],
    [
      { textSignatures: new Uint32Array(64) },
      /textSignatures must have 20 rows/,
    ],
    [{ sampleIds: ["a"] }, /sampleIds must have 20 rows/],
  ];
  for (const [more, message] of wrong) {
    await assert.rejects(scoreDataset(inputsOf({ ...split, ...more })), {
      name: "RangeError",
      message,
    });
  }
  await assert.rejects(
    scoreDataset({ labelNames: ["a"], splits: [split] }),
    /must have 1 classes/,
  );
});
