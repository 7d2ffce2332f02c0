import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import { encodeGraph } from "../graphs/onnx.ts";
import { MADE, withFeatures, withTexts } from "./testing/contents.ts";
import {
  failure,
  LINEAR,
  logged,
  rescore,
  samples,
  store,
} from "./testing/stored_models.ts";
import { World } from "./testing/world.ts";

// what follows asks nothing of the database: one engine is enough
for (const engine of testEngines().slice(0, 1)) {
  Deno.test(`rescore_run by a model that some samples do not fit on ${engine.name}`, async (t) => {
    const world = await World.create(engine);
    try {
      await rows(t, world);
      await limits(t, world);
    } finally {
      await world.drop();
    }
  });
}

async function rows(t: Deno.TestContext, world: World) {
  await t.step("lists the samples that it cannot be run over", async () => {
    const parts = withFeatures();
    delete parts[3]!.features;
    parts[5]!.features = [1, 2];
    const { runId } = await world.score([{ kind: "samples", rows: parts }]);
    const id = await store(world, encodeGraph(LINEAR));
    await rescore(world, runId, { model_id: id });
    const { problems } = await world.summary(runId);
    assert.deepEqual(
      problems.map(([message, n]) => [message.replace(/^.*row/, "row"), n]),
      [[
        'row 3, column "features", as the model takes features, and the sample must have 6',
        2,
      ]],
    );
    const found = await world.review(runId);
    assert.equal(found.length, MADE.length);
    const without = found.find((r) => r.sample_id === MADE[3]!.id)!;
    assert.equal(without.predicted_label, null);
  });

  await t.step("lists the samples that it gives no numbers for", async () => {
    const { runId } = await world.score([samples()]);
    const roots = encodeGraph({ // NaN where the first feature is negative
      ...LINEAR,
      nodes: [
        ["MatMul", ["x", "w"], "product"],
        ["Sqrt", ["product"], "roots"],
        ["ReduceSum", ["roots"], "sum", { keepdims: 1 }],
        ["Sub", ["product", "sum"], "logits"],
        ["Identity", ["x"], "embedding"],
      ],
    });
    const id = await store(world, roots);
    const message = await failure(world, runId, id);
    assert.match(
      message,
      /there is no sample that it can be run over\. .* as the model's output "logits" for a sample must be finite numbers/,
    );
  });

  await t.step("does not go on about outputs that were of no use", async () => {
    const { runId, summary } = await world.score([
      samples(),
      { kind: "outputs", rows: [{ id: MADE[0]!.id, logits: [1, 2, 3] }] },
    ]);
    const note = /Outputs were logged, but none could be used/;
    assert.match(summary.notes.join("\n"), note);
    const id = await store(world, encodeGraph(LINEAR));
    await rescore(world, runId, { model_id: id });
    const { summary: found } = await world.summary(runId);
    assert.match(found.notes[0], /^Scored by the stored model/);
    assert.doesNotMatch(found.notes.join("\n"), note);
    await rescore(world, runId, { model_id: null });
    const { summary: back } = await world.summary(runId);
    assert.match(back.notes.join("\n"), note);
  });

  await t.step("says that nothing fits", async () => {
    const { runId } = await world.score([{
      kind: "samples",
      rows: withTexts(),
    }]);
    const id = await store(world, encodeGraph(LINEAR));
    assert.match(
      await failure(world, runId, id),
      /there is no sample that it can be run over\. .* the model takes features, and the sample must have 6/,
    );
  });
}

async function limits(t: Deno.TestContext, world: World) {
  /** An embedding of 72,000 numbers. */
  const wide = (width: number | string) =>
    encodeGraph({
      ...LINEAR,
      outputs: { logits: ["n", 2], embedding: ["n", width] },
      initializers: {
        ...LINEAR.initializers,
        times: { data: BigInt64Array.of(1n, 12_000n), shape: [2] },
      },
      nodes: [LINEAR.nodes[0]!, ["Tile", ["x", "times"], "embedding"]],
    });
  const { embedding: _, ...outputs } = LINEAR.outputs;
  const narrow = encodeGraph({
    ...LINEAR,
    outputs,
    nodes: [LINEAR.nodes[0]!],
  });

  for (const width of [72_000, "width"]) {
    await t.step(
      `leaves out embeddings that are too wide, where they are (n, ${width})`,
      async () => {
        const { runId } = await world.score([
          samples(),
          { kind: "outputs", rows: logged(["logits", "embedding"]) },
        ]);
        const id = await store(world, narrow);
        await rescore(world, runId, { model_id: id });
        const expected = await world.review(runId);
        const wideId = await store(world, wide(width));
        await rescore(world, runId, { model_id: wideId });
        assert.deepEqual(await world.review(runId), expected);
        const { summary } = await world.summary(runId);
        assert.equal(
          summary.notes[1],
          "The model's embeddings were left out, and any that the run logged are used: embeddings must have at most 65536 numbers: they have 72000",
        );
      },
    );

    await t.step(
      `refuses them where they were asked for, (n, ${width})`,
      async () => {
        const { runId } = await world.score([samples()]);
        const id = await store(world, wide(width), {
          outputs: world.admin.json({
            logits: null,
            probs: null,
            embedding: "embedding",
          }),
        });
        assert.equal(
          await failure(world, runId, id),
          "Cannot use model as its embeddings must have at most 65536 numbers: they have 72000",
        );
      },
    );
  }

  await t.step("refuses a fixed batch that is too large", async () => {
    const rows = withFeatures().map((row) => ({
      ...row,
      features: Array.from(
        { length: 4_200 },
        (_, i) => (row.features as number[])[i % 6],
      ),
    }));
    const { runId } = await world.score([{ kind: "samples", rows }]);
    const id = await store(
      world,
      encodeGraph({
        ...LINEAR,
        inputs: { x: [4_096, 4_200] },
        outputs,
        initializers: {
          w: { data: new Float32Array(8_400), shape: [4_200, 2] },
        },
        nodes: [LINEAR.nodes[0]!],
      }),
    );
    assert.equal(
      await failure(world, runId, id),
      "Cannot use model as the 4096 samples that it takes at once must have at most 64 MB as input: current value is 66 MB",
    );
  });
}
