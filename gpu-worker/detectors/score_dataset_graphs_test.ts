import assert from "node:assert/strict";
import {
  inputsOf,
  makeRun,
  matrix,
  splitOf,
} from "./_score_dataset_testing.ts";
import { scoreDataset } from "./score_dataset.ts";

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
