import assert from "node:assert/strict";
import { inputsOf, makeRun, splitOf } from "./_score_dataset_testing.ts";
import { scoreDataset } from "./score_dataset.ts";

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
