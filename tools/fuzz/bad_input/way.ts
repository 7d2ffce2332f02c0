/**
 * The way of a run's data in one process: the real edge, a database, Storage in memory, the real worker.
 *
 * @module
 */
import type { Engine } from "@testing/postgres.ts";
import postgres from "postgres";
import { createApp } from "../../../functions/ingest/app.ts";
import { createDeps } from "../../../functions/ingest/deps.ts";
import { type Answer, askOf } from "../../../functions/_shared/testing/apps.ts";
import {
  createWorld,
  type World,
} from "../../../functions/_shared/testing/world.ts";
import { scoreRun } from "../../../gpu-worker/jobs/score_run.ts";
import { runTask } from "../../../gpu-worker/runner/run_task.ts";
import type { ObjectStore } from "../../../gpu-worker/store/object_store.ts";
import { createEncodingStore } from "../../../gpu-worker/store/encoding_store.ts";
import { createReviewStore } from "../../../gpu-worker/store/review_store.ts";
import { createRevisionStore } from "../../../gpu-worker/store/revision_store.ts";
import { createRunStore } from "../../../gpu-worker/store/run_store.ts";
import { createSampleStore } from "../../../gpu-worker/store/sample_store.ts";
import { createTaskStore } from "../../../gpu-worker/store/task_store.ts";
import { type BadInput, type BadPart, GOOD } from "./bad_input.ts";

/** What became of a run. */
export interface Outcome {
  /** The answer that refused it; null: all was taken. */
  readonly refusal: Answer | null;
  readonly state: string | null;
  readonly error: string | null;
  readonly errorCode: string | null;
  readonly attempts: number;
  readonly nRanked: number;
  /** Sentence and number of rows of each entry. */
  readonly problems: readonly (readonly [string, number])[];
}

/** Sends cases one after the other. */
export interface Way {
  send(input: BadInput): Promise<Outcome>;
  stop(): Promise<void>;
}

/** Opens a way on a database of its own. */
export async function openWay(engine: Engine): Promise<Way> {
  const world = await createWorld(engine);
  const worker = postgres(world.databaseUrl("assay_worker"), {
    prepare: false,
    max: 3,
    onnotice: () => {},
  });
  const ask = askOf(world, createApp(createDeps(world.edge)), "/ingest/v1");
  const handler = scoreRun({
    runs: createRunStore(worker),
    samples: createSampleStore(worker),
    revisions: createRevisionStore(worker),
    reviews: createReviewStore(worker),
    encodings: createEncodingStore(worker),
    objects: storageOf(world),
    device: "cpu",
    encoders: { encodeBudgetMs: 0 },
    reached: () => {},
  });
  const leases = createTaskStore(worker, {
    worker: "w",
    device: "cpu",
    leaseSeconds: 60,
  });
  const other = () => {
    throw new Error("Only runs are scored here");
  };
  const deliver = (taskId: string) =>
    runTask(taskId, {
      leases,
      handlers: {
        score_run: handler,
        rescore_run: other,
        export_project: other,
        delete_run: other,
        delete_dataset: other,
        delete_project: other,
      },
      heartbeatMs: 5_000,
      reached: () => {},
    }, new AbortController().signal);

  const nothing = {
    state: null,
    error: null,
    errorCode: null,
    attempts: 0,
    nRanked: 0,
    problems: [],
  };

  return {
    async send({ run, parts = [], isAlone }) {
      const runId = crypto.randomUUID();
      const made = await ask(
        "ingestKey",
        "PUT",
        `/runs/${runId}`,
        typeof run === "string"
          ? run
          : { "label_names": ["ham", "spam"], ...run },
      );
      if (made.status >= 300) return { ...nothing, refusal: made };
      const all = [...isAlone ? [] : GOOD, ...parts];
      for (const [i, part] of all.entries()) {
        const answer = await ask(...request(runId, i, part));
        if (answer.status >= 300) return { ...nothing, refusal: answer };
      }
      const finished = await ask("ingestKey", "POST", `/runs/${runId}/finish`);
      if (finished.status >= 300) return { ...nothing, refusal: finished };
      const jobId = finished.json.job_id;
      const waiting = () =>
        world
          .admin`select id from assay.tasks where job_id = ${jobId} and state = 'queued'`;
      for (let [task] = await waiting(); task; [task] = await waiting()) {
        await deliver(task.id);
      }
      return { refusal: null, ...await outcomeOf(world, runId, jobId) };
    },
    async stop() {
      await worker.end();
      await world.stop();
    },
  };
}

function request(runId: string, i: number, part: BadPart) {
  const query = new URLSearchParams({
    kind: part.kind,
    split: "training",
    seq: String(i),
    ...part.query,
  });
  return [
    "ingestKey",
    "POST",
    `/runs/${runId}/parts?${query}`,
    part.body,
    {
      "idempotency-key": String(i),
      "content-type": part.type ?? "application/x-ndjson",
      ...part.encoding ? { "content-encoding": part.encoding } : {},
    },
  ] as const;
}

async function outcomeOf(
  { admin }: World,
  runId: string,
  jobId: string,
): Promise<Omit<Outcome, "refusal">> {
  const [job] = await admin`
    select state, error, error_code, attempts from assay.job_status where job_id = ${jobId}`;
  const [ranked] = await admin`
    select count(*)::int as n from assay.ranked_samples where run_id = ${runId}`;
  const problems = await admin`
    select p.message, p.n_rows from assay.row_problems p
    join assay.runs r on r.published_revision_id = p.revision_id where r.id = ${runId} order by p.id`;
  return {
    state: job!.state,
    error: job!.error,
    errorCode: job!.error_code,
    attempts: job!.attempts,
    nRanked: ranked!.n,
    problems: problems.map((p) => [p.message, p.n_rows] as const),
  };
}

/** The objects that the edge has stored, as the worker sees them. */
function storageOf({ platform: { objects } }: World): ObjectStore {
  return {
    download: (path) => {
      const found = objects.get(path);
      return found
        ? Promise.resolve(found.slice() as Uint8Array<ArrayBuffer>)
        : Promise.reject(new Error(`no ${path}`));
    },
    upload: (path, bytes) =>
      Promise.resolve(void objects.set(path, bytes.slice())),
    remove: (paths) =>
      Promise.resolve(paths.forEach((path) => objects.delete(path))),
    list: (folder) => {
      const names = new Set<string>();
      for (const path of objects.keys()) {
        if (path.startsWith(`${folder}/`)) {
          names.add(path.slice(folder.length + 1).split("/")[0]!);
        }
      }
      return Promise.resolve(
        Array.from(names, (name) => ({ name, createdAt: new Date() })),
      );
    },
  };
}
