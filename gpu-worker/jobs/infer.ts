// deno-lint-ignore-file camelcase
import { AppError } from "@shared/errors.ts";
import type { Device } from "../graphs/session.ts";
import { AskedOutputs } from "../models/asked_outputs.ts";
import { type ModelPlan, planOf } from "../models/contract.ts";
import {
  type ModelLimits,
  ModelProcess,
  type ModelProcessOptions,
} from "../models/model_process.ts";
import type { Lease, ReportProgress, TaskOutcome } from "../runner/lease.ts";
import type { ModelRow, ModelStore } from "../store/model_store.ts";
import type { ObjectStore } from "../store/object_store.ts";
import type { RunStore } from "../store/run_store.ts";
import { ComputeThread } from "./compute_thread.ts";
import type { EncoderSettings } from "./encode_worker.ts";
import type {
  InferBatch,
  InferPart,
  InferProgram,
  Inferred,
} from "./infer_worker.ts";
import { modelNotes } from "./notes.ts";
import { rescoringOf } from "./rescoring.ts";
import {
  downloadWork,
  signalsPaths,
  uploadWork,
  workFolder,
} from "./work_files.ts";

/** What the stage reaches outside itself. */
export interface InferDeps {
  readonly runs: RunStore;
  readonly models: ModelStore;
  readonly objects: ObjectStore;
  /** Where a model runs; default: the CPU, where its process can do the least. */
  readonly modelDevice?: Device;
  readonly encoders: Pick<EncoderSettings, "imageFetch">;
  /** What a model may take. */
  readonly modelLimits: ModelLimits;
  /** What drivers need of the environment. */
  readonly driverEnvironment?: NonNullable<
    ModelProcessOptions["driverEnvironment"]
  >;
}

/** Share of what is left of the job that the stage is. */
const INFERRING = 0.7;
/** Numbers of a batch's embeddings that are taken at most, whichever their width: 268 MB. */
const MOST_NUMBERS = 2 ** 26;

/**
 * Stage `infer`: runs a stored model over the samples again, and leaves signals as if a training had logged what it says, in one epoch.
 *
 * The model runs in a process of its own (`models/`), its inputs are made in a thread; between the two is this. Parts and rows go in an order that does
 * not depend on arrival. What is wrong with the model fails the job with a sentence; what is wrong with a sample is listed.
 */
export async function infer(
  lease: Lease,
  deps: InferDeps,
  report: ReportProgress,
  signal: AbortSignal,
): Promise<TaskOutcome> {
  const { objects } = deps;
  const rescoring = rescoringOf(lease);
  const predictionKind = rescoring.prediction_kind ?? null;
  const modelId = rescoring.model_id!;
  const model = await deps.models.model(lease.projectId, modelId);
  const { labelNames } = await deps.runs.run(lease.runId);
  const bytes = await modelBytes(objects, modelId, model);
  using process = await ModelProcess.start({
    device: deps.modelDevice ?? "cpu",
    limits: deps.modelLimits,
    ...deps.driverEnvironment
      ? { driverEnvironment: deps.driverEnvironment }
      : {},
  }, signal);
  const plan = planOf(model, await process.open(bytes), labelNames);

  using thread = new ComputeThread<InferProgram>(
    new URL("./infer_worker.ts", import.meta.url),
    signal,
  );
  const signals = await downloadWork(objects, signalsPaths(lease));
  const { input_kind, preprocessing } = model;
  const parts = await thread.call("open", {
    signals,
    spec: { input_kind, preprocessing },
    plan,
    ...deps.encoders.imageFetch ? { imageFetch: deps.encoders.imageFetch } : {},
  }, { transfer: [signals.buffer] });
  const start = lease.payload.begins_at as number | undefined ?? 0;
  const end = start + (1 - start) * INFERRING;
  const n = parts.reduce((sum, { rows }) => sum + rows.length, 0);
  const asked = new AskedOutputs(plan, n, model.outputs.embedding !== null);
  await runOver(parts, lease, deps, {
    thread,
    run: (batch) => runBatch(process, plan, asked, labelNames.length, batch),
  }, (fraction) => report(start + (end - start) * fraction));
  const inferred = await thread.call("finish", {
    predictionKind,
    notes: modelNotes(model.name, asked.embedding !== null, asked.leftOut),
  });
  if (inferred.nRun === 0) throw nothingRun(modelId, inferred);
  signal.throwIfAborted();
  const { graphs_paths, ...kept } = lease.payload;
  const path = `${workFolder(lease)}/signals.bin`;
  const result = {
    ...kept,
    begins_at: end,
    signals_paths: await uploadWork(objects, path, inferred.file),
    ...graphs_paths && !inferred.hasEmbeddings ? { graphs_paths } : {},
  };
  return {
    result: { n_run: inferred.nRun },
    next: { stage: "score", payloads: [result] },
    revisionId: null,
  };
}

/** The bytes, as they were received. */
async function modelBytes(
  objects: ObjectStore,
  modelId: string,
  { storagePath, sha256 }: ModelRow,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await objects.download(storagePath);
  const found = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  if (found.every((byte, i) => byte === sha256[i])) return bytes;
  throw new AppError(
    "unusable_input",
    `Cannot use model "${modelId}" as its bytes must have the SHA-256 that was announced, ${
      new Uint8Array(sha256).toHex()
    }: current value is ${found.toHex()}`,
  );
}

/** Runs the model over all parts; while it is busy with one batch, the next is made. */
async function runOver(
  parts: readonly InferPart[],
  lease: Lease,
  { runs, objects }: InferDeps,
  { thread, run }: {
    readonly thread: ComputeThread<InferProgram>;
    readonly run: (
      batch: InferBatch,
    ) => ReturnType<ModelProcess["run"]>;
  },
  report: ReportProgress,
): Promise<void> {
  const byId = new Map(
    (await runs.parts(lease.runId)).map((part) => [part.partId, part]),
  );
  const nAll = parts.reduce((n, { rows }) => n + rows.length, 1);
  let nDone = 0;
  for (const part of parts) {
    const row = byId.get(part.partId);
    if (!row) throw new Error(`Cannot find part ${part.partId} again`);
    const { contentType, contentEncoding, storagePath } = row;
    const bytes = await objects.download(storagePath);
    await thread.call("add", {
      ...part,
      bytes,
      contentType,
      contentEncoding,
    }, { transfer: [bytes.buffer] });
    let batch = await thread.call("next", null);
    while (batch !== null) {
      const running = run(batch);
      running.catch(() => {}); // awaited below
      const following = await thread.call("next", null);
      await thread.call("take", await running);
      nDone += batch.shape[0]!;
      report(Math.min(1, nDone / nAll));
      batch = following;
    }
  }
}

async function runBatch(
  process: ModelProcess,
  { input: name, inputType: type }: ModelPlan,
  asked: AskedOutputs,
  nClasses: number,
  { data, shape }: InferBatch,
): ReturnType<ModelProcess["run"]> {
  const outputs = await process.run(
    { name, type, data, shape },
    asked.names,
    shape[0]! * nClasses + (asked.embedding === null ? 0 : MOST_NUMBERS),
  );
  asked.see(outputs[1]?.shape[1] ?? 0);
  return outputs.slice(0, asked.names.length);
}

function nothingRun(modelId: string, { problems }: Inferred): AppError {
  const [first] = problems;
  return new AppError(
    "unusable_input",
    `Cannot use model "${modelId}": there is no sample that it can be run over. ${
      first?.message ?? "The run has none"
    }`,
  );
}
