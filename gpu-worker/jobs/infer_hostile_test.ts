import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import { encodeGraph } from "../graphs/onnx.ts";
import { failure, LINEAR, samples, store } from "./testing/stored_models.ts";
import { World } from "./testing/world.ts";

// what follows asks nothing of the database: one engine is enough
for (const engine of testEngines().slice(0, 1)) {
  Deno.test(`rescore_run by a hostile model on ${engine.name}`, async (t) => {
    const world = await World.create(engine);
    try {
      await hostile(t, world);
    } finally {
      await world.drop();
    }
  });
}

async function hostile(t: Deno.TestContext, world: World) {
  const { runId } = await world.score([samples()]);
  const before = await world.review(runId);
  const wrong: [string, Uint8Array, RegExp][] = [
    [
      "is no model",
      new TextEncoder().encode("#!/bin/sh"),
      /must be an ONNX model/,
    ],
    [
      "gives rows for other samples",
      encodeGraph({
        ...LINEAR,
        initializers: {
          ...LINEAR.initializers,
          from: { data: BigInt64Array.of(1n), shape: [1] },
          to: { data: BigInt64Array.of(1000n), shape: [1] },
        },
        outputs: { logits: ["m", 2] },
        nodes: [
          ["MatMul", ["x", "w"], "all"],
          ["Slice", ["all", "from", "to"], "logits"],
        ],
      }),
      /its scores, output "logits", must be \(80, 2\) for 80 samples: current value is \(79, 2\)/,
    ],
    [
      "takes other features",
      encodeGraph({ ...LINEAR, inputs: { x: ["n", 3, 2, 2] } }),
      /its input for features must be float32 \(n, d\)|onnxruntime must be able/,
    ],
    [
      "takes more memory than there is",
      encodeGraph({
        ...LINEAR,
        initializers: {
          ...LINEAR.initializers,
          size: { data: BigInt64Array.of(4_000_000_000n), shape: [1] },
        },
        outputs: { logits: ["n", 2] },
        nodes: [
          ["ConstantOfShape", ["size"], "zeros"],
          ["Exp", ["zeros"], "ones"],
          ["ReduceSum", ["ones"], "sum", { keepdims: 0 }],
          ["MatMul", ["x", "w"], "product"],
          ["Add", ["product", "sum"], "logits"],
        ],
      }),
      /must need at most 1024 MB of memory/,
    ],
  ];
  for (const [what, bytes, message] of wrong) {
    await t.step(
      `fails once, with a sentence, by a model that ${what}`,
      async () => {
        const id = await store(world, bytes);
        assert.match(await failure(world, runId, id), message);
        const [tasks] = await world.admin`
        select max(t.attempts) as attempts from assay.tasks t join assay.jobs j on j.id = t.job_id
        where j.run_id = ${runId} and j.job_kind = 'rescore_run'`;
        assert.equal(tasks!.attempts, 1);
        assert.deepEqual(await world.review(runId), before);
      },
    );
  }

  await t.step("fails by a model that is gone, or another's", async () => {
    const id = await store(world, encodeGraph(LINEAR));
    await world
      .admin`update assay.models set deleted_at = now() where id = ${id}`;
    assert.match(await failure(world, runId, id), /it was deleted/);
    assert.match(
      await failure(world, runId, crypto.randomUUID()),
      /it was deleted/,
    );
  });

  await t.step("fails by bytes that are not those that were sent", async () => {
    const id = await store(world, encodeGraph(LINEAR));
    await world.admin`update assay.models set sha256 = ${new Uint8Array(
      32,
    )} where id = ${id}`;
    assert.match(await failure(world, runId, id), /SHA-256 that was announced/);
  });
}
