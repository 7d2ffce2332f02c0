import assert from "node:assert/strict";
import type { Matrix } from "../kernels/matrix.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { sampleFacts } from "../signals/sample_facts.ts";
import { textSignature } from "../signals/text_signature.ts";
import { TrainingDynamics } from "../signals/training_dynamics.ts";
import { scoreDataset } from "./score_dataset.ts";
import type { ScoreInputs, SplitInputs } from "./score_types.ts";

type Run = {
  labels: number[];
  epochs: number[][][];
  embeddings: number[][];
  isWrong: boolean[];
};

/** Three classes, a tenth of the labels wrong and slowly memorised, embeddings around class centres. */
function makeRun(n: number, seed: number, k = 3): Run {
  const random = seededRandom(seed);
  const gauss = () =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const truth = Array.from({ length: n }, () => Math.floor(random() * k));
  const isWrong = truth.map(() => random() < 0.1);
  const labels = truth.map((t, i) => isWrong[i] ? (t + 1) % k : t);
  const epochs = Array.from(
    { length: 8 },
    (_, e) =>
      truth.map((t, i) =>
        Array.from({ length: k }, (_, c) =>
          (c === t ? Math.min(e, 3) : 0) +
          (c === labels[i] ? Math.max(0, e - 3) : 0) + gauss())
      ),
  );
  const embeddings = truth.map((t) =>
    Array.from({ length: 6 }, (_, d) => (d === t ? 2 : 0) + 0.7 * gauss())
  );
  return { labels, epochs, embeddings, isWrong };
}

function matrix(rows: number[][], cols = rows[0]?.length ?? 0): Matrix {
  return { data: Float32Array.from(rows.flat()), rows: rows.length, cols };
}

function splitOf(
  { labels, epochs, embeddings }: Run,
  more: Partial<SplitInputs> = {},
): SplitInputs {
  const nClasses = epochs[0]?.[0]?.length ?? 3;
  const dynamics = new TrainingDynamics({
    labels: Int32Array.from(labels),
    nClasses,
  });
  epochs.forEach((rows, epoch) => {
    dynamics.beginEpoch(epoch);
    dynamics.add(
      Int32Array.from(rows.keys()),
      matrix(rows, nClasses),
      "logits",
    );
    dynamics.endEpoch();
  });
  return {
    split: "training",
    isOutOfSample: false,
    dynamics: dynamics.state,
    embeddings: embeddings.length ? matrix(embeddings) : null,
    contentHashes: null,
    textSignatures: null,
    sampleIds: null,
    ...more,
  };
}

const inputsOf = (...splits: SplitInputs[]): ScoreInputs => ({
  labelNames: ["a", "b", "c"],
  splits,
});

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

Deno.test("scoreDataset() finds copies, contradicting copies and leaks by text", async () => {
  const run = makeRun(40, 7);
  run.labels[0] = 0;
  run.labels[1] = 1;
  const texts = run.labels.map((_, i) =>
    Array.from({ length: 50 }, (_, w) => `w${(w * (i + 3) * 37) % 1009}`).join(
      " ",
    )
  );
  texts[1] = texts[0]! + " indeed";
  const sign = (all: string[]) =>
    Uint32Array.from(all.flatMap((t) => [...textSignature(t)]));
  const ids = run.labels.map((_, i) => `id-${i}`);
  const training = splitOf(run, {
    textSignatures: sign(texts),
    sampleIds: ids,
  });
  const small = {
    ...run,
    labels: run.labels.slice(0, 2),
    epochs: run.epochs.map((e) => e.slice(0, 2)),
    embeddings: [],
  };
  const test = splitOf(small, {
    split: "test",
    isOutOfSample: true,
    textSignatures: sign([texts[9]!, "something else entirely"]),
  });
  const { issueTypes, reasons, issueScores } = await scoreDataset(
    inputsOf(training, test),
  );
  assert.ok(
    issueTypes[0]!.includes("label_conflict") &&
      issueTypes[1]!.includes("near_duplicate"),
  );
  assert.ok(issueTypes[40]!.includes("leakage"));
  assert.ok(!issueTypes[41]!.includes("near_duplicate"));
  assert.match(
    reasons.filter((_, i) => issueTypes[i]![0] === "leakage")[0] ??
      'sample "id-9"',
    /"id-9"/,
  );
  assert.ok(issueScores.near_duplicate![0]! >= 0.8);
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
  const { firstIssueType } = await scoreDataset({
    labelNames: ["only"],
    splits: [splitOf(one)],
  });
  assert.deepEqual(firstIssueType, ["clean", "clean"]);
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

Deno.test("a scoring with the graphs of an earlier one gives the same, and refuses those of other samples", async () => {
  const inputs = inputsOf(splitOf(makeRun(60, 3)));
  const first = await scoreDataset(inputs);
  assert.deepEqual([...first.graphs.keys()], ["label_embedding", "distance"]);
  const again = await scoreDataset({ ...inputs, graphs: first.graphs });
  assert.deepEqual(again, first);
  // a graph that joins nobody changes the scores: the one given is used
  const empty = first.graphs.get("label_embedding")!;
  const graphs = new Map(first.graphs).set("label_embedding", {
    ...empty,
    neighbours: empty.neighbours.map(() => -1),
    values: empty.values.map(() => NaN),
  });
  const alone = await scoreDataset({ ...inputs, graphs });
  assert.notDeepEqual(
    alone.columns.mislabeledScore,
    first.columns.mislabeledScore,
  );
  await assert.rejects(
    scoreDataset({
      ...inputsOf(splitOf(makeRun(61, 3))),
      graphs: first.graphs,
    }),
    new RangeError(
      'Cannot score by graph "label_embedding" as it must have 61 rows: current value is 60',
    ),
  );
});

Deno.test("scoreDataset() reports each split and what embeddings tell apart, and counts labels as they stand", async () => {
  const run = makeRun(90, 4);
  const inputs = inputsOf(splitOf(run));
  const { report } = await scoreDataset(inputs);
  const [split] = report.splits;
  assert.equal(split!.split, "training");
  assert.equal(split!.calibration?.n, 90);
  assert.equal(split!.label_noise, null); // in-sample outputs are no honest opinion
  assert.equal(report.representation?.source, "embedding");
  assert.ok(report.representation.probe_accuracy! > 0.6);
  const counted = split!.confusion_matrix.reduce((n, c) => n + c.n, 0);
  assert.equal(counted, 90);

  const wrong = run.isWrong.indexOf(true);
  const label = (run.labels[wrong]! + 2) % 3;
  const reviews = [{ row: wrong, verdict: "relabel" as const, label }];
  const reviewed = await scoreDataset({ ...inputs, reviews });
  const nGiven = (k: number, { splits }: typeof report) =>
    splits[0]!.classes[k]!.n_given;
  assert.equal(
    nGiven(label, reviewed.report),
    nGiven(label, report) + 1,
  );

  const held = await scoreDataset(
    inputsOf(splitOf(run, { isOutOfSample: true })),
  );
  assert.equal(held.report.splits[0]!.label_noise?.judge, "model");
});

Deno.test("scoreDataset() finds outliers, which have a score of their own and do not disturb the others' rank", async () => {
  const run = makeRun(400, 31);
  run.embeddings[7] = [-30, 20, -30, 20, -30, 20];
  const { columns, issues, issueTypes, reasons, summary } = await scoreDataset({
    labelNames: ["a", "b", "c"],
    splits: [splitOf(run)],
  });
  assert.ok(issueTypes[7]!.includes("outlier"));
  assert.ok(columns.outlierScore[7]! > 0.5);
  assert.ok(columns.dataErrorPotential[7]! >= columns.outlierScore[7]! / 2);
  const flagged = issues.filter((i) => i.issueType === "outlier").length;
  assert.ok(flagged < 0.02 * 400, String(flagged));
  assert.match(summary.verdict, /far from all others/);
  const alone = issues.find((i) =>
    i.issueType === "outlier" && issueTypes[i.row]![0] === "outlier"
  );
  if (alone) {
    assert.match(reasons[alone.row]!, /as usual|as is usual|usual distance/);
  }
  const usual = [...columns.outlierScore].filter((s) => s < 0.01).length;
  assert.ok(usual > 0.9 * 400, String(usual));
  columns.dataErrorPotential.forEach((dep, row) => {
    if (columns.outlierScore[row]! >= 0.001) return;
    assert.ok(Math.abs(dep - columns.mislabeledScore[row]!) < 0.001);
  });
});

Deno.test("scoreDataset() finds garbage by what was measured of each text", async () => {
  const run = makeRun(60, 32);
  const texts = run.labels.map((_, i) =>
    i === 5 ? "" : `What would it take to send card number ${i} to me?`
  );
  const facts = texts.map((text) => sampleFacts({ text, features: null }));
  const { issueTypes, reasons, issueScores } = await scoreDataset({
    labelNames: ["a", "b", "c"],
    splits: [splitOf(run, {
      facts: {
        text_length: Float32Array.from(facts, (f) => f.text_length!),
        text_language: Float32Array.from(facts, (f) => f.text_language!),
      },
    })],
  });
  const garbage = [...issueTypes.keys()].filter((i) =>
    issueTypes[i]!.includes("garbage")
  );
  assert.deepEqual(garbage, [5]);
  assert.match(reasons[5]!, /Its text is empty|also.* garbage/);
  assert.equal(issueScores.garbage![5], 1);
});

Deno.test("scoreDataset() finds images that leak into a test split, and those with two labels, by their hashes", async () => {
  const imageHashes = (n: number, copies: readonly number[]) => {
    const random = seededRandom(n);
    const hashes = Uint32Array.from(
      { length: n * 2 },
      () => random() * 2 ** 32,
    );
    for (const row of copies) {
      hashes.set([0xf0f0f0f0, 0x12345678 + row], row * 2);
    }
    return hashes;
  };
  const training = makeRun(40, 33);
  training.labels[1] = (training.labels[0]! + 1) % 3;
  const { issueTypes, columns } = await scoreDataset({
    labelNames: ["a", "b", "c"],
    splits: [
      splitOf(training, { imageHashes: imageHashes(40, [0, 1]) }),
      splitOf(makeRun(20, 34), {
        split: "test",
        isOutOfSample: true,
        imageHashes: imageHashes(20, [2]),
      }),
    ],
  });
  assert.deepEqual(
    [...columns.duplicateGroup.keys()].filter((i) =>
      columns.duplicateGroup[i]! >= 0
    ),
    [0, 1, 42],
  );
  assert.ok(issueTypes[42]!.includes("leakage"));
  assert.ok(issueTypes[1]!.includes("label_conflict"));
});

Deno.test("scoreDataset() tells what each sample is worth, what no training settles, and what is learned by heart", async () => {
  const run = makeRun(300, 35);
  const { columns } = await scoreDataset({
    labelNames: ["a", "b", "c"],
    splits: [splitOf(run)],
  });
  const mean = (values: Float32Array, wrong: boolean) => {
    const own = [...values].filter((_, i) => run.isWrong[i] === wrong);
    return own.reduce((a, b) => a + b) / own.length;
  };
  assert.ok(mean(columns.knnShapley, true) < 0);
  assert.ok(mean(columns.knnShapley, false) > 0.5);
  assert.ok(mean(columns.aleatoric, true) > mean(columns.aleatoric, false));
  assert.ok(
    mean(columns.selfInfluence, true) > mean(columns.selfInfluence, false),
  );
});

Deno.test("scoreDataset() finds near duplicates by what samples hold where no embeddings were logged", async () => {
  const run = makeRun(60, 8);
  const rows = run.embeddings.map((row) => [...row]);
  rows[5] = rows[0]!.map((x) => x + 1e-4);
  const views = [{ name: "columns" as const, features: matrix(rows) }];
  const split = splitOf({ ...run, embeddings: [] }, { views });
  const { columns } = await scoreDataset(inputsOf(split));
  assert.equal(columns.duplicateGroup[5], 0);
  assert.equal(columns.duplicateGroup[0], 0);
  assert.equal(columns.duplicateGroup[7], -1);
});

Deno.test("scoreDataset() does not take the graphs of a scoring without a model for those with one", async () => {
  const run = makeRun(80, 12);
  const cut = (start: number, end: number, withEpochs: boolean) => ({
    labels: run.labels.slice(start, end),
    epochs: withEpochs ? run.epochs.map((e) => e.slice(start, end)) : [],
    embeddings: [],
    isWrong: [],
  });
  const inputs = (withEpochs: boolean) =>
    inputsOf(
      ...([["training", 0, 60], ["test", 60, 80]] as const).map((
        [split, start, end],
      ) =>
        splitOf(cut(start, end, withEpochs), {
          split,
          views: [{
            name: "columns",
            features: matrix(run.embeddings.slice(start, end)),
          }],
        })
      ),
    );
  const { graphs } = await scoreDataset(inputs(false));
  const fresh = await scoreDataset(inputs(true));
  const again = await scoreDataset({ ...inputs(true), graphs });
  assert.deepEqual(again.columns, fresh.columns);
});
