import onnxProto from "onnx-proto";
import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import { encodeGraph } from "../graphs/onnx.ts";
import { imageOf, MADE, withTexts } from "./testing/contents.ts";
import { rescore, store } from "./testing/stored_models.ts";
import { World } from "./testing/world.ts";

const { onnx } = onnxProto;

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
    const red = encodeGraph({ // mean red less mean blue
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
    const id = await store(world, red, {
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
    });
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

/** Knows each text by heart; (n, 1) strings to probabilities. */
function ofTexts(rows: Record<string, unknown>[]): Uint8Array {
  const encoder = new TextEncoder();
  const dim = (sizes: (number | string)[]) => ({
    dim: sizes.map((d) =>
      typeof d === "number" ? { dimValue: d } : { dimParam: d }
    ),
  });
  return onnx.ModelProto.encode(onnx.ModelProto.fromObject({
    irVersion: 8,
    opsetImport: [
      { domain: "", version: 17 },
      { domain: "ai.onnx.ml", version: 3 },
    ],
    graph: {
      name: "texts",
      input: [{
        name: "text",
        type: { tensorType: { elemType: 8, shape: dim(["n", 1]) } },
      }],
      output: [{
        name: "probabilities",
        type: { tensorType: { elemType: 1, shape: dim(["n", 2]) } },
      }],
      initializer: [{ name: "one", dims: [1], dataType: 1, floatData: [1] }],
      node: [
        {
          opType: "LabelEncoder",
          domain: "ai.onnx.ml",
          input: ["text"],
          output: ["spam"],
          attribute: [
            {
              name: "keys_strings",
              type: 8,
              strings: rows.map((r) => encoder.encode(r.text as string)),
            },
            {
              name: "values_floats",
              type: 6,
              floats: MADE.map(({ truth }) => truth === "spam" ? 0.75 : 0.25),
            },
            { name: "default_float", type: 1, f: 0 },
          ],
        },
        { opType: "Sub", input: ["one", "spam"], output: ["ham"] },
        {
          opType: "Concat",
          input: ["ham", "spam"],
          output: ["probabilities"],
          attribute: [{ name: "axis", type: 2, i: 1 }],
        },
      ],
    },
  })).finish();
}
