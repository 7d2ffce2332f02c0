// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import { type GraphSpec } from "../../graphs/onnx.ts";
import { featuresOf, MADE, withFeatures } from "./contents.ts";
import type { Part, World } from "./world.ts";

/** Classes of its models. */
export const CLASSES = ["ham", "spam"];

/** Logits (first feature, its negative), and the features as embedding. */
export const LINEAR: GraphSpec = {
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
export const logged = (names: readonly ("logits" | "embedding")[]): object[] =>
  MADE.map((sample, i) => {
    const features = featuresOf(sample, i).map(Math.fround);
    const row = { logits: [features[0]!, -features[0]!], embedding: features };
    return {
      id: sample.id,
      ...Object.fromEntries(names.map((name) => [name, row[name]])),
    };
  });

/** Stores a model as the edge would. */
export async function store(
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

/**
 * Asks for a run to be scored again.
 *
 * @returns Its first task.
 */
export async function askRescoring(
  world: World,
  runId: string,
  asked: object = {},
): Promise<string> {
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
  return row!.task_id;
}

/** Asks for a rescoring by a model, and goes through its stages. */
export async function rescore(
  world: World,
  runId: string,
  asked: Record<string, unknown>,
  handler = world.rescorer(),
): Promise<{ stages: string[]; outcome: string }> {
  const stages: string[] = [];
  let task: string | undefined = await askRescoring(world, runId, asked);
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
export async function failure(
  world: World,
  runId: string,
  modelId: string,
): Promise<string> {
  const { outcome, stages } = await rescore(world, runId, {
    model_id: modelId,
  });
  assert.deepEqual([outcome, stages], ["failed", ["prepare", "infer"]]);
  const [job] = await world.admin`
    select * from assay.jobs where run_id = ${runId} order by created_at desc limit 1`;
  assert.equal(job!.error_code, "unusable_input");
  return job!.error as string;
}

/** Samples whose features a model can take. */
export const samples = (): Part => ({ kind: "samples", rows: withFeatures() });
