// deno-lint-ignore-file camelcase
import onnxProto from "onnx-proto";
import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import { encodeGraph, type GraphSpec } from "../graphs/onnx.ts";
import { createSweeper } from "../store/sweeper.ts";
import {
  featuresOf,
  imageOf,
  MADE,
  withFeatures,
  withTexts,
} from "./testing/contents.ts";
import { type Part, World } from "./testing/world.ts";

const { onnx } = onnxProto;
const CLASSES = ["ham", "spam"];

/** Logits (first feature, its negative), and the features as embedding. */
const LINEAR: GraphSpec = {
  name: "linear",
  inputs: { x: ["n", 6] },
  outputs: { logits: ["n", 2], embedding: ["n", 6] },
  initializers: {
    w: {
      data: Float32Array.from({ length: 12 }, (_, i) => [1, -1][i] ?? 0),
      shape: [6, 2],
    },
  },
  nodes: [
    ["MatMul", ["x", "w"], "logits"],
    ["Identity", ["x"], "embedding"],
  ],
};

/** What a training logs that knows the same. */
const logged = (names: readonly ("logits" | "embedding")[]): object[] =>
  MADE.map((sample, i) => {
    const features = featuresOf(sample, i).map(Math.fround);
    const row = { logits: [features[0]!, -features[0]!], embedding: features };
    return {
      id: sample.id,
      ...Object.fromEntries(names.map((name) => [name, row[name]])),
    };
  });

/** Stores a model as the edge would. */
async function store(
  world: World,
  bytes: Uint8Array,
  more: Record<string, unknown> = {},
): Promise<string> {
  const id = crypto.randomUUID();
  const path = `${world.projectId}/models/${id}/0.onnx`;
  const own = new Uint8Array(bytes);
  await world.objects.upload(path, own, "application/octet-stream");
  const { preprocessing, ...row } = {
    input_kind: "features",
    class_names: CLASSES,
    input_name: null,
    preprocessing: null,
    ...more,
  };
  await world.admin`
    insert into assay.models ${
    world.admin({
      id,
      project_id: world.projectId,
      name: "m",
      state: "ready",
      storage_path: path,
      size_bytes: own.length,
      sha256: new Uint8Array(await crypto.subtle.digest("SHA-256", own)),
      request_digest: new Uint8Array(32),
      outputs: world.admin.json({
        logits: null,
        probs: null,
        embedding: null,
      }) as never,
      preprocessing:
        (preprocessing && world.admin.json(preprocessing as never)) as never,
      ...row,
    })
  }`;
  return id;
}

/** Asks for a rescoring by a model, and goes through its stages. */
async function rescore(
  world: World,
  runId: string,
  asked: Record<string, unknown>,
  handler = world.rescorer(),
): Promise<{ stages: string[]; outcome: string }> {
  const request = {
    settings: null,
    apply_verdicts: true,
    filter: null,
    ...asked,
  };
  const [row] = await world.worker`
    select * from assay.enqueue_job(${runId}, 'rescore_run', 'prepare', ${
    world.worker.json(request as never)
  })`;
  const stages: string[] = [];
  let task: string | undefined = row!.task_id;
  let outcome = "done";
  while (task && outcome === "done") {
    const delivery = await world.deliver(task, (lease, report, signal) => {
      stages.push(lease.stage);
      let last = 0;
      return handler(lease, (fraction) => {
        assert.ok(fraction >= last && fraction <= 1, `${fraction} < ${last}`);
        last = fraction;
        report(fraction);
      }, signal);
    });
    outcome = delivery.outcome;
    task = delivery.outcome === "done" ? delivery.taskIds[0] : undefined;
  }
  return { stages, outcome };
}

/** Sentence of the run's last job, which must have failed for good. */
async function failure(world: World, runId: string, modelId: string) {
  const { outcome, stages } = await rescore(world, runId, {
    model_id: modelId,
  });
  assert.deepEqual([outcome, stages], ["failed", ["prepare", "infer"]]);
  const [job] = await world.admin`
    select * from assay.jobs where run_id = ${runId} order by created_at desc limit 1`;
  assert.equal(job!.error_code, "unusable_input");
  return job!.error as string;
}

const samples = (): Part => ({ kind: "samples", rows: withFeatures() });

for (const [i, engine] of testEngines().entries()) {
  Deno.test(`rescore_run by a stored model on ${engine.name}`, async (t) => {
    const world = await World.create(engine);
    try {
      await equal(t, world);
      if (i > 0) return; // the rest asks nothing of the database
      await contents(t, world);
      await rows(t, world);
      await limits(t, world);
      await hostile(t, world);
    } finally {
      await world.drop();
    }
  });
}

async function equal(t: Deno.TestContext, world: World) {
  const { runId, rows } = await world.score([samples()]);
  const modelId = await store(world, encodeGraph(LINEAR));

  await t.step("scores as if a training had logged what it says", async () => {
    const { stages } = await rescore(world, runId, { model_id: modelId });
    assert.deepEqual(stages, ["prepare", "infer", "score"]);
    const known = await world.score([
      samples(),
      { kind: "outputs", rows: logged(["logits", "embedding"]) },
    ]);
    assert.notDeepEqual(known.rows, rows);
    assert.deepEqual(await world.review(runId), known.rows);
    const { summary, problems } = await world.summary(runId);
    assert.equal(
      summary.notes[0],
      'Scored by the stored model "m", which was run over the samples again',
    );
    const { notes: _, ...found } = summary;
    const { notes: __, ...expected } = known.summary;
    assert.deepEqual(found, expected);
    assert.deepEqual(problems, []);
  });

  await t.step("does not run the same model twice", async () => {
    const by = await world.review(runId);
    const again = await rescore(world, runId, { model_id: modelId });
    assert.deepEqual(again.stages, ["prepare", "score"]);
    assert.deepEqual(await world.review(runId), by);
    const { summary } = await world.summary(runId);
    assert.match(summary.notes[0], /^Scored by the stored model/);
  });

  await t.step("keeps what the model said where none is named", async () => {
    const by = await world.review(runId);
    const kept = await rescore(world, runId, {});
    assert.deepEqual(kept.stages, ["prepare", "score"]);
    assert.deepEqual(await world.review(runId), by);
    const published = () =>
      world.admin`
      select v.id, v.kept, v.settings ->> 'model_id' as model_id
      from assay.runs r join assay.revisions v on v.id = r.published_revision_id where r.id = ${runId}`;
    const [revision] = await published();
    assert.equal(revision!.model_id, modelId);

    await world
      .admin`update assay.revisions set kept = null where id = ${revision!.id}`;
    const lost = await rescore(world, runId, {});
    assert.deepEqual([lost.stages, lost.outcome], [["prepare"], "failed"]);
    const [job] = await world.admin`
      select error from assay.jobs where run_id = ${runId} order by created_at desc limit 1`;
    assert.match(job!.error, /kept no longer; name model_id/);
    await world.admin`
      update assay.revisions set kept = ${world.admin.json(revision!.kept)}
      where id = ${revision!.id}`;
  });

  await t.step("comes back to what was logged", async () => {
    const { stages } = await rescore(world, runId, { model_id: null });
    assert.deepEqual(stages, ["prepare", "fold", "encode", "score"]);
    assert.deepEqual(await world.review(runId), rows);
  });

  await t.step("says whether the model had seen the samples", async () => {
    for (const kind of ["in_sample", "out_of_sample"]) {
      await rescore(world, runId, {
        model_id: modelId,
        prediction_kind: kind,
      });
      const known = await world.score([
        samples(),
        {
          kind: "outputs",
          rows: logged(["logits", "embedding"]),
          predictionKind: kind,
        },
      ]);
      assert.deepEqual(await world.review(runId), known.rows, kind);
    }
  });

  await t.step(
    "the sweeper keeps one copy, that of the published revision",
    async () => {
      const kept = async () => {
        const found = await world.admin`
        select v.id = r.published_revision_id as is_current, p.path
        from assay.revisions v join assay.runs r on r.id = v.run_id
        cross join lateral jsonb_each(v.kept - 'version') as k (name, paths)
        cross join lateral jsonb_array_elements_text(k.paths) as p (path)
        where v.run_id = ${runId}`;
        const of = (isCurrent: boolean) =>
          found.filter((f) => f.is_current === isCurrent).map((f) => f.path);
        return { current: of(true), others: of(false) };
      };
      const before = await kept();
      const own = new Set(before.current);
      const lost = before.others.filter((path) => !own.has(path));
      assert.ok(own.size > 0 && lost.length > 0);
      await createSweeper(world.worker, world.objects, () => {}, Date.now)
        .sweepObjects();
      assert.deepEqual(await kept(), { current: before.current, others: [] });
      assert.ok(before.current.every((path) => world.files.has(path)));
      assert.deepEqual(lost.filter((path) => world.files.has(path)), []);
      const by = await world.review(runId);
      const { stages } = await rescore(world, runId, {});
      assert.deepEqual(stages, ["prepare", "score"]);
      assert.deepEqual(await world.review(runId), by);
    },
  );

  await t.step(
    "takes classes in another order, one sample at a time, and embeddings of the run",
    async () => {
      const known = await world.score([
        samples(),
        { kind: "outputs", rows: logged(["logits", "embedding"]) },
      ]);
      const { embedding: _, ...outputs } = LINEAR.outputs;
      const swapped = encodeGraph({
        ...LINEAR,
        inputs: { x: [1, 6] },
        outputs,
        initializers: {
          w: {
            data: Float32Array.from({ length: 12 }, (_, i) => [-1, 1][i] ?? 0),
            shape: [6, 2],
          },
        },
        nodes: [LINEAR.nodes[0]!],
      });
      const id = await store(world, swapped, { class_names: ["spam", "ham"] });
      const { stages } = await rescore(world, known.runId, { model_id: id });
      assert.deepEqual(stages, ["prepare", "infer", "score"]);
      assert.deepEqual(await world.review(known.runId), known.rows);
    },
  );
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
