/**
 * The worker: deliveries in, revisions out.
 *
 * @module
 */
import { createClient } from "@supabase/supabase-js";
import { Client } from "@upstash/qstash";
import type { ReachPoint } from "@shared/types/fault.ts";
import postgres from "postgres";
import {
  type Device,
  type DeviceRequest,
  resolveDevice,
} from "./graphs/session.ts";
import { createIntake } from "./intake/app.ts";
import { deleteData } from "./jobs/delete_data.ts";
import type { EncoderSettings } from "./jobs/encode_worker.ts";
import { exportProject } from "./jobs/export_project.ts";
import { INFER_TIMES, type InferTimes } from "./jobs/infer.ts";
import { rescoreRun } from "./jobs/rescore_run.ts";
import { scoreRun } from "./jobs/score_run.ts";
import { modelDevice } from "./models/model_device.ts";
import type { ModelLimits } from "./models/model_process.ts";
import { type RunnerDeps, runTask } from "./runner/run_task.ts";
import { createDeletionStore } from "./store/deletion_store.ts";
import { createEncodingStore } from "./store/encoding_store.ts";
import { createExportStore } from "./store/export_store.ts";
import { createModelStore } from "./store/model_store.ts";
import { createObjectStore } from "./store/object_store.ts";
import { createOutboxStore } from "./store/outbox_store.ts";
import { patientFetch } from "./store/patient_fetch.ts";
import { createReviewStore } from "./store/review_store.ts";
import { createRevisionStore } from "./store/revision_store.ts";
import { createRunStore } from "./store/run_store.ts";
import { createSampleStore } from "./store/sample_store.ts";
import { createSweeper } from "./store/sweeper.ts";
import { createTaskCheckpoints, createTaskStore } from "./store/task_store.ts";

const MOST_HEARTBEAT_MS = 1000; // a lease needs fewer; people watch the progress that it carries, and wait for it when they cancel
const STORAGE = {
  timeoutMs: 300_000, // a part has 256 MB at most
  delaysMs: [200, 400, 800, 1600, 3200],
};
const SWEEP_OBJECTS_EVERY = 30; // sweeps of tasks to one of objects

function required(name: string): string {
  const value = Deno.env.get(name);
  if (!value) throw new Error(`Cannot start worker: ${name} is not set`);
  return value;
}

function positive(name: string, byDefault: number, what: string): number {
  const given = Deno.env.get(name) || byDefault;
  const value = Number(given);
  if (!(value > 0)) {
    throw new Error(
      `Cannot start worker: ${name} must be a number of ${what} above 0: current value is "${given}"`,
    );
  }
  return value;
}

function seconds(name: string, byDefault: number): number {
  return positive(name, byDefault, "seconds");
}

/** Origins of the operator's own buckets, which the guard of image URIs lets through. */
function imageOrigins(): string[] {
  const given = (Deno.env.get("ASSAY_IMAGE_ORIGINS") ?? "").split(",")
    .map((origin) => origin.trim()).filter((origin) => origin !== "");
  for (const origin of given) {
    const url = URL.parse(origin);
    if (url?.protocol === "https:" && url.href === `${url.origin}/`) continue;
    throw new Error(
      `Cannot start worker: ASSAY_IMAGE_ORIGINS must list origins such as https://minio.internal:9000: current value is "${origin}"`,
    );
  }
  return given;
}

/** Encoders other than those of this repository, and where images may be fetched. */
function encoders(): EncoderSettings {
  const textEncoder = Deno.env.get("ASSAY_TEXT_ENCODER");
  const imageEncoder = Deno.env.get("ASSAY_IMAGE_ENCODER");
  return {
    ...textEncoder ? { textEncoder } : {},
    ...imageEncoder ? { imageEncoder } : {},
    encodeBudgetMs: seconds("ASSAY_ENCODE_BUDGET_S", 20) * 1000,
    imageFetch: {
      allowedOrigins: imageOrigins(),
      budgetMs: seconds("ASSAY_IMAGE_FETCH_BUDGET_S", 300) * 1000,
    },
  };
}

/** What a user's model may take. */
function modelLimits(): ModelLimits {
  const batchMs = seconds("ASSAY_MODEL_BATCH_S", 60) * 1000;
  return {
    memoryBytes: positive("ASSAY_MODEL_MEMORY_MB", 4096, "MB") * 1_048_576,
    openMs: batchMs,
    batchMs,
  };
}

/** When outputs of a user's model are kept, and when its task gives its turn away. */
function inferTimes(): InferTimes {
  const { blockMs, taskMs } = INFER_TIMES;
  return {
    ...INFER_TIMES,
    blockMs: seconds("ASSAY_MODEL_BLOCK_S", blockMs / 1000) * 1000,
    taskMs: seconds("ASSAY_MODEL_TASK_S", taskMs / 1000) * 1000,
  };
}

/** What drivers of a device find by the environment; nothing of ours is among it. */
function driverEnvironment(device: Device): Record<string, string> {
  if (device === "cpu") return {};
  return Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) =>
      /^(LD_LIBRARY_PATH|CUDA_\w+|NVIDIA_\w+|VK_\w+|XDG_RUNTIME_DIR)$/.test(
        name,
      )
    ),
  );
}

function log(event: string, facts: Record<string, unknown> = {}): void {
  const line = JSON.stringify({ time: new Date(), event, ...facts });
  Deno.stderr.writeSync(new TextEncoder().encode(line + "\n"));
}

function logError(event: string, error: unknown): void {
  const { name, message, stack } = error instanceof Error
    ? error
    : new Error(String(error));
  const { code, routine, table_name: table, constraint_name: constraint } =
    error as Record<string, unknown>;
  log(event, {
    error: name,
    // Both can hold rows; of the second the job says it to those who may know.
    message: name === "PostgresError" || code === "unusable_input"
      ? undefined
      : message,
    code,
    routine,
    table,
    constraint,
    stack: stack?.split("\n").slice(1, 8).map((line) => line.trim()),
  });
}

async function reachPoint(): Promise<ReachPoint> {
  const module = Deno.env.get("ASSAY_FAULT_MODULE");
  return module ? (await import(module)).reached : () => {};
}

const workerUrl = required("WORKER_URL");
const leaseSeconds = seconds("ASSAY_LEASE_SECONDS", 60);
const sweepMs = seconds("ASSAY_SWEEP_SECONDS", 60) * 1000;
const device = await resolveDevice(
  (Deno.env.get("ASSAY_DEVICE") ?? "auto") as DeviceRequest,
);
const modelsRunOn = modelDevice(Deno.env.get("ASSAY_MODEL_DEVICE"), device);
const reached = await reachPoint();
const sql = postgres(required("DATABASE_URL"), {
  prepare: false,
  max: 6,
  onnotice: () => {},
});
const supabase = createClient(
  required("SUPABASE_URL"),
  required("SUPABASE_SERVICE_ROLE_KEY"),
  {
    auth: { persistSession: false, autoRefreshToken: false },
    global: {
      fetch: patientFetch((input, init) => fetch(input, init), STORAGE),
    },
  },
);
const queue = new Client({
  baseUrl: required("QSTASH_URL"),
  token: required("QSTASH_TOKEN"),
  devMode: false,
  enableTelemetry: false,
  retry: { retries: 1, backoff: () => 200 },
});
const objects = createObjectStore(supabase);
const outbox = createOutboxStore(sql, queue, workerUrl, logError);
const sweeper = createSweeper(sql, objects, log, Date.now);
const deleteDeps = { deletions: createDeletionStore(sql), objects };
const scoreDeps = {
  runs: createRunStore(sql),
  samples: createSampleStore(sql),
  revisions: createRevisionStore(sql),
  reviews: createReviewStore(sql),
  encodings: createEncodingStore(sql),
  objects,
  device,
  encoders: encoders(),
  models: createModelStore(sql),
  checkpoints: createTaskCheckpoints(sql),
  inferTimes: inferTimes(),
  modelLimits: modelLimits(),
  modelDevice: modelsRunOn,
  driverEnvironment: driverEnvironment(modelsRunOn),
  reached,
};
const runner: RunnerDeps = {
  leases: createTaskStore(sql, {
    worker: `${Deno.hostname()}:${Deno.pid}`,
    device,
    leaseSeconds: Math.ceil(leaseSeconds),
  }),
  handlers: {
    score_run: scoreRun(scoreDeps),
    rescore_run: rescoreRun(scoreDeps),
    export_project: exportProject({
      exports: createExportStore(sql),
      objects,
    }),
    delete_run: deleteData("run", deleteDeps),
    delete_dataset: deleteData("dataset", deleteDeps),
    delete_project: deleteData("project", deleteDeps),
  },
  heartbeatMs: Math.min(leaseSeconds * 250, MOST_HEARTBEAT_MS),
  reached,
};

const stopping = new AbortController();
let running: Promise<unknown> | null = null;
let relaying: Promise<unknown> = Promise.resolve();

/** One task at a time: a device does not get faster by being shared. */
function admit(taskId: string): ReturnType<typeof runTask> | null {
  if (running !== null || stopping.signal.aborted) return null;
  const task = runTask(taskId, runner, stopping.signal);
  running = task.then((delivery) => {
    if ("error" in delivery) logError("task_failed", delivery.error);
    log("task_ended", { task_id: taskId, outcome: delivery.outcome });
  }, (error) => logError("task_not_run", error)).finally(() => {
    running = null;
    if (!stopping.signal.aborted) outbox.ringNext();
  });
  return task;
}

let sweeps = 0;
async function sweep(): Promise<void> {
  try {
    await sweeper.sweepTasks(Math.min(60, Math.ceil(sweepMs / 1000) * 4));
    await outbox.relay(null);
    if (sweeps++ % SWEEP_OBJECTS_EVERY === 0) await sweeper.sweepObjects();
  } catch (error) {
    logError("not_swept", error);
  }
}

const app = createIntake({
  keys: {
    current: required("QSTASH_CURRENT_SIGNING_KEY"),
    next: required("QSTASH_NEXT_SIGNING_KEY"),
  },
  publicUrl: workerUrl,
  run: admit,
  relay(taskIds) {
    const before = relaying;
    relaying = outbox.relay(taskIds).then(() => before);
  },
  sweep,
  log,
});
const server = Deno.serve({
  hostname: Deno.env.get("HOST") ?? "127.0.0.1",
  port: Number(required("PORT")),
  onListen: () => log("worker_ready", { device, model_device: modelsRunOn }),
}, app.fetch);

let timer: ReturnType<typeof setTimeout>;
async function keepSweeping(): Promise<void> {
  await sweep();
  timer = setTimeout(keepSweeping, sweepMs * (0.9 + 0.2 * Math.random()));
}
keepSweeping();

// Sweeps when no worker is awake; the same id at every start makes it one schedule.
queue.schedules.create({
  scheduleId: "assay-sweep",
  destination: `${workerUrl.replace(/\/+$/, "")}/v1/sweep`,
  cron: "0 * * * *",
}).catch((error) => logError("schedule_not_set", error));

Deno.addSignalListener("SIGTERM", async () => {
  clearTimeout(timer);
  stopping.abort(); // the task is given back, so that another worker takes it at once
  await Promise.race([
    running,
    new Promise((resolve) => setTimeout(resolve, 1500)),
  ]);
  await Promise.race([
    Promise.all([server.shutdown(), relaying]),
    new Promise((resolve) => setTimeout(resolve, 300)),
  ]);
  await sql.end({ timeout: 1 });
  Deno.exit(0);
});
