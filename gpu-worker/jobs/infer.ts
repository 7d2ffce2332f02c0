// deno-lint-ignore-file camelcase
import { AppError } from "@shared/errors.ts";
import type { ReachPoint } from "@shared/types/fault.ts";
import type { Device } from "../graphs/session.ts";
import { AskedOutputs } from "../models/asked_outputs.ts";
import { type ModelPlan, planOf } from "../models/contract.ts";
import {
  type ModelLimits,
  ModelProcess,
  type ModelProcessOptions,
} from "../models/model_process.ts";
import type {
  Lease,
  ReportProgress,
  TaskCheckpoints,
  TaskOutcome,
} from "../runner/lease.ts";
import type { ModelRow, ModelStore } from "../store/model_store.ts";
import type { ObjectStore } from "../store/object_store.ts";
import type { RunStore } from "../store/run_store.ts";
import { ComputeThread } from "./compute_thread.ts";
import type { EncoderSettings } from "./encode_worker.ts";
import { blocksKey, InferBlocks, withoutNote } from "./infer_blocks.ts";
import type { InferPart, Inferred } from "./infer_fold.ts";
import type { InferBatch, InferProgram } from "./infer_worker.ts";
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
  readonly checkpoints: TaskCheckpoints;
  /** Where a model runs; default: the CPU, where its process can do the least. */
  readonly modelDevice?: Device;
  readonly encoders: Pick<EncoderSettings, "imageFetch">;
  /** What a model may take. */
  readonly modelLimits: ModelLimits;
  /** When what it said is kept; default {@linkcode INFER_TIMES}. */
  readonly inferTimes?: InferTimes;
  /** What drivers need of the environment. */
  readonly driverEnvironment?: NonNullable<
    ModelProcessOptions["driverEnvironment"]
  >;
  readonly reached: ReachPoint;
}

/** When outputs of a model are kept, and when its task gives its turn away. */
export interface InferTimes {
  /** Milliseconds of a model's work that are lost at most with a worker, but for one batch, or a fiftieth of what is done. */
  readonly blockMs: number;
  /** Milliseconds after which the task is put back, to be gone on with. */
  readonly taskMs: number;
  /** It goes on for at least as many times what loading the model took, up to eight minutes. */
  readonly loadings: number;
}

/** Far below what a delivery may take: 15 minutes on QStash's free plan. */
export const INFER_TIMES: InferTimes = {
  blockMs: 20_000,
  taskMs: 120_000,
  loadings: 5,
};
const MOST_LOADING_MS = 480_000;
/**
 * Of what is done, a block that ends by its time is at least this share: of those there are hundreds at most, whatever the model takes. Beside them
 * there is one for each {@linkcode MOST_BLOCK_NUMBERS}, and one for each turn of the task: of wide embeddings of many samples there are thousands.
 */
const LEAST_SHARE = 1 / 50;
/** Numbers of a block, beyond one batch: 16 MB. */
const MOST_BLOCK_NUMBERS = 4_000_000;

/** Share of what is left of the job that the stage is. */
const INFERRING = 0.7;
/** Numbers of a batch's embeddings that are taken at most, whichever their width: 268 MB. */
const MOST_NUMBERS = 2 ** 26;

/**
 * Stage `infer`: runs a stored model over the samples again, and leaves signals as if a training had logged what it says, in one epoch.
 *
 * The model runs in a process of its own (`models/`), its inputs are made in a thread; between the two is this. Parts and rows go in an order that does
 * not depend on arrival. What is wrong with the model fails the job with a sentence; what is wrong with a sample is listed.
 *
 * What the model said is kept block by block (`infer_blocks.ts`): another attempt goes on after the last one. A task that has worked for its time gives
 * its turn away and is delivered again. Batches are cut alike wherever blocks end, and nothing is folded before all blocks are there, so that the
 * signals are those of a task that nobody disturbed.
 *
 * @returns `again`, if there is more to do.
 */
export async function infer(
  lease: Lease,
  deps: InferDeps,
  report: ReportProgress,
  signal: AbortSignal,
): Promise<TaskOutcome | "again"> {
  const { objects } = deps;
  const startedAt = performance.now();
  const rescoring = rescoringOf(lease);
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
  const paths = signalsPaths(lease);
  const { input_kind, preprocessing } = model;
  const spec = { input_kind, preprocessing };
  const blocks = new InferBlocks(
    lease,
    deps,
    await blocksKey([new Uint8Array(model.sha256).toHex(), spec, plan, paths]),
  );
  const signals = await downloadWork(objects, paths);
  const { left_out, ...state } = blocks.state;
  const parts = await thread.call("open", {
    signals,
    spec,
    plan,
    nDone: blocks.nDone,
    state,
    ...deps.encoders.imageFetch ? { imageFetch: deps.encoders.imageFetch } : {},
  }, { transfer: [signals.buffer] });
  const start = lease.payload.begins_at as number | undefined ?? 0;
  const end = start + (1 - start) * INFERRING;
  const n = parts.reduce((sum, { rows }) => sum + rows.length, 0);
  const asked = new AskedOutputs(plan, n, model.outputs.embedding !== null);
  if (left_out !== null) asked.leaveOut(left_out);
  const isDone = await runOver(parts, lease, deps, {
    thread,
    blocks,
    asked,
    startedAt,
    run: (batch) => runBatch(process, plan, asked, labelNames.length, batch),
  }, (fraction) => report(start + (end - start) * fraction));
  if (!isDone) return "again";
  process[Symbol.dispose](); // its memory is needed no longer
  await foldBlocks(thread, blocks);
  const inferred = await thread.call("finish", {
    predictionKind: rescoring.prediction_kind ?? null,
    notes: modelNotes(model.name, asked.embedding !== null, asked.leftOut),
    withEmbeddings: asked.embedding !== null,
  });
  if (inferred.nRun === 0) throw nothingRun(modelId, inferred);
  signal.throwIfAborted();
  const { graphs_paths, ...kept } = withoutNote(lease);
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

/** Runs the model over the samples that are left; while it is busy with one batch, the next is made. False: time is up before all are done. */
async function runOver(
  parts: readonly InferPart[],
  lease: Lease,
  { runs, objects, inferTimes = INFER_TIMES }: InferDeps,
  { thread, blocks, asked, startedAt, run }: {
    readonly thread: ComputeThread<InferProgram>;
    readonly blocks: InferBlocks;
    readonly asked: AskedOutputs;
    readonly startedAt: number;
    readonly run: (
      batch: InferBatch,
    ) => ReturnType<ModelProcess["run"]>;
  },
  report: ReportProgress,
): Promise<boolean> {
  const byId = new Map(
    (await runs.parts(lease.runId)).map((part) => [part.partId, part]),
  );
  const nAll = parts.reduce((n, { rows }) => n + rows.length, 0);
  const { blockMs, taskMs, loadings } = inferTimes;
  let keptAt = performance.now();
  const loadingMs = Math.min(loadings * (keptAt - startedAt), MOST_LOADING_MS);
  const endsAt = startedAt + Math.max(taskMs, loadingMs);
  const keep = async () => {
    const { file, to, state } = await thread.call("block", null);
    await blocks.keep(file, to, { ...state, left_out: asked.leftOut });
    keptAt = performance.now();
  };
  report(blocks.nDone / Math.max(1, nAll));
  let first = 0;
  for (const part of parts) {
    const place = first;
    first += part.rows.length;
    if (first <= blocks.nDone) continue;
    const row = byId.get(part.partId);
    if (!row) throw new Error(`Cannot find part ${part.partId} again`);
    const { contentType, contentEncoding, storagePath } = row;
    const bytes = await objects.download(storagePath);
    await thread.call("add", {
      ...part,
      bytes,
      contentType,
      contentEncoding,
      first: place,
      nDone: Math.max(0, blocks.nDone - place),
    }, { transfer: [bytes.buffer] });
    let batch = await thread.call("next", null);
    while (batch !== null) {
      const running = batch === "refused" ? Promise.resolve([]) : run(batch);
      running.catch(() => {}); // awaited below
      const following = await thread.call("next", null);
      const { to, nNumbers } = await thread.call("take", await running);
      report(to / nAll);
      const now = performance.now();
      const isLong = now - keptAt >= blockMs &&
        to - blocks.nDone >= blocks.nDone * LEAST_SHARE;
      if (isLong || nNumbers >= MOST_BLOCK_NUMBERS || now >= endsAt) {
        await keep();
      }
      if (now >= endsAt && to < nAll) return false;
      batch = following;
    }
  }
  if (blocks.nDone < nAll) await keep();
  return true;
}

/** Reads what was kept, block by block. */
async function foldBlocks(
  thread: ComputeThread<InferProgram>,
  blocks: InferBlocks,
): Promise<void> {
  for (const [position, range] of blocks.ranges.entries()) {
    const file = await blocks.read(position);
    const isFolded = file !== null &&
      await thread.call("fold", { file, ...range }, {
        transfer: [file.buffer],
      });
    if (isFolded) continue;
    await blocks.forget(position);
    throw new AppError(
      "upstream_unavailable",
      `Cannot read again what the model said of samples ${range.from} to ${range.to}: the file is gone or damaged`,
    );
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
