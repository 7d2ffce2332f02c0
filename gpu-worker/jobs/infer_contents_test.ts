// deno-lint-ignore-file camelcase -- fields of a model as its row has them
import assert from "node:assert/strict";
import { knowingModel } from "@testing/knowing_model.ts";
import { testEngines } from "@testing/postgres.ts";
import { encodeGraph } from "../graphs/onnx.ts";
import { imageOf, MADE, withTexts } from "./testing/contents.ts";
import { logged, rescore, store } from "./testing/stored_models.ts";
import { World } from "./testing/world.ts";
import { startHost, TEST_CA } from "../store/testing/https.ts";
import { FETCHED_AT_ONCE } from "./fetch_images.ts";

/** Mean red less mean blue. */
const RED = encodeGraph({
  name: "red",
  inputs: { image: ["n", 3, 8, 8] },
  outputs: { logits: ["n", 2] },
  initializers: {
    w: { data: Float32Array.of(9, -9, 0, 0, -9, 9), shape: [3, 2] },
  },
  nodes: [
    ["ReduceMean", ["image"], "means", { axes: [2, 3], keepdims: 0 }],
    ["MatMul", ["means", "w"], "logits"],
  ],
});
const OF_IMAGES = {
  input_kind: "image",
  preprocessing: {
    width: 8,
    height: 8,
    layout: "nchw",
    value_range: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    fit: "fill",
  },
};

// what follows asks nothing of the database: one engine is enough
for (const engine of testEngines().slice(0, 1)) {
  Deno.test(`rescore_run by what samples hold on ${engine.name}`, async (t) => {
    const world = await World.create(engine);
    try {
      await contents(t, world);
    } finally {
      await world.drop();
    }
  });
}

async function contents(t: Deno.TestContext, world: World) {
  await t.step("runs over images", async () => {
    const rows = await Promise.all(MADE.map(async ({ id, label }, i) => ({
      id,
      label,
      image: `data:image/png;base64,${(await imageOf(MADE[i]!, i)).toBase64()}`,
    })));
    const { runId } = await world.score([{ kind: "samples", rows }]);
    const id = await store(world, RED, OF_IMAGES);
    assert.equal(
      (await rescore(world, runId, { model_id: id })).outcome,
      "done",
    );
    for (const row of await world.review(runId)) {
      const { truth } = MADE.find((s) => s.id === row.sample_id)!;
      assert.equal(row.predicted_label, truth);
    }
  });

  await t.step(
    "counts what was fetched once it is kept: what is fetched ahead, and again later, is not counted twice",
    async () => {
      const [inline, fetched] = [32, FETCHED_AT_ONCE]; // a batch each
      const images = await Promise.all(MADE.map(imageOf));
      const host = startHost(async () => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        return new Response(images[0], {
          headers: { "content-type": "image/png" },
        });
      });
      try {
        const origin = `https://127.0.0.1:${host.port}`;
        const rows = MADE.slice(0, inline + fetched).map((
          { id, label },
          i,
        ) => ({
          id,
          label,
          image: i < inline
            ? `data:image/png;base64,${images[i]!.toBase64()}`
            : `${origin}/${i}.png`,
        }));
        const { runId } = await world.score([
          { kind: "samples", rows },
          { kind: "outputs", rows: logged(["logits"]).slice(0, rows.length) },
        ]);
        const id = await store(world, RED, OF_IMAGES);
        const handler = world.rescorer({
          inferTimes: { blockMs: 0, taskMs: 0, loadings: 0 }, // a batch a task
          encoders: {
            encodeBudgetMs: 0,
            imageFetch: { allowedOrigins: [origin], ca: TEST_CA },
          },
        });
        const asked = { model_id: id };
        const first = await rescore(world, runId, asked, handler);
        assert.equal(first.outcome, "requeued");
        assert.equal(host.asked.length, fetched, "the next batch is there");
        const [task] = await world.admin`
          select t.id, t.payload -> 'inferred' ->> 'fetched_ms' as ms from assay.tasks t join assay.jobs j on j.id = t.job_id
          where j.run_id = ${runId} and t.stage = 'infer'`;
        assert.equal(task!.ms, "0");
        await world.next(task!.id, handler);
        assert.equal(host.asked.length, 2 * fetched);
        const [after] = await world.admin`
          select payload -> 'inferred' ->> 'fetched_ms' as ms from assay.tasks where id = ${
          task!.id
        }`;
        assert.ok(Number(after!.ms) > 0);
      } finally {
        await host.stop();
      }
    },
  );

  await t.step(
    "runs over texts, as they are exported by skl2onnx",
    async () => {
      const { runId } = await world.score([{
        kind: "samples",
        rows: withTexts(),
      }]);
      const id = await store(world, ofTexts(withTexts()), {
        input_kind: "text",
      });
      assert.equal(
        (await rescore(world, runId, { model_id: id })).outcome,
        "done",
      );
      for (const row of await world.review(runId)) {
        const { truth } = MADE.find((s) => s.id === row.sample_id)!;
        assert.equal(row.predicted_label, truth);
      }
    },
  );
}

/** Knows each text by heart, and takes any other for ham. */
function ofTexts(rows: Record<string, unknown>[]): Uint8Array {
  const spam = rows.map((row, i) => [
    row.text as string,
    MADE[i]!.truth === "spam" ? 0.75 : 0.25,
  ]);
  return knowingModel(Object.fromEntries(spam), { otherwise: 0 });
}
