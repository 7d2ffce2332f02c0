import assert from "node:assert/strict";
import { seededRandom } from "../kernels/seeded_random.ts";
import { sampleFacts } from "../signals/sample_facts.ts";
import { textSignature } from "../signals/text_signature.ts";
import {
  inputsOf,
  makeRun,
  matrix,
  splitOf,
} from "./_score_dataset_testing.ts";
import { scoreDataset } from "./score_dataset.ts";

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
