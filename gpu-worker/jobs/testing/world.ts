import assert from "node:assert/strict";
import { createTestDatabase, type Engine } from "@testing/postgres.ts";
import postgres, { type Sql } from "postgres";
import type { TaskHandler } from "../../runner/lease.ts";
import { type Delivery, runTask } from "../../runner/run_task.ts";
import type { ObjectStore } from "../../store/object_store.ts";
import { createEncodingStore } from "../../store/encoding_store.ts";
import { createModelStore } from "../../store/model_store.ts";
import { createReviewStore } from "../../store/review_store.ts";
import { createRevisionStore } from "../../store/revision_store.ts";
import { createRunStore } from "../../store/run_store.ts";
import { createSampleStore } from "../../store/sample_store.ts";
import {
  createTaskCheckpoints,
  createTaskStore,
} from "../../store/task_store.ts";
import {
  createDeletionStore,
  type DeletedSubject,
  type DeletionStore,
} from "../../store/deletion_store.ts";
import { createExportStore } from "../../store/export_store.ts";
import { exportProject } from "../export_project.ts";
import { deleteData } from "../delete_data.ts";
import { type RescoreDeps, rescoreRun } from "../rescore_run.ts";
import { scoreRun } from "../score_run.ts";

/** One upload, as the edge would have stored it. */
export interface Part {
  kind: "samples" | "outputs";
  rows: object[];
  /** An Arrow IPC stream instead of `rows`. */
  arrow?: Uint8Array<ArrayBuffer>;
  split?: string;
  epoch?: number;
  writer?: string;
  generation?: number;
  seq?: number;
  predictionKind?: string;
  /** Announced; default: that of its bytes. */
  sha256?: Uint8Array;
}

/** A writer that has finished: its name, its generation, and what it says to have sent. */
export type Writer = [
  writer: string,
  generation: number,
  manifest?: readonly object[],
];

/** What people see of a scored run. */
export interface Scored {
  readonly runId: string;
  readonly rows: Record<string, unknown>[];
  // deno-lint-ignore no-explicit-any -- JSON of many shapes
  readonly summary: any;
  /** Sentence and number of rows of each entry. */
  readonly problems: [string, number][];
}

/** A database, objects in memory, and the worker's runner over both. */
export class World {
  readonly files = new Map<
    string,
    { bytes: Uint8Array<ArrayBuffer>; createdAt: Date }
  >();
  readonly projectId = crypto.randomUUID();
  readonly datasetId = crypto.randomUUID();

  private constructor(
    readonly admin: Sql,
    readonly worker: Sql,
    private readonly dropDatabase: () => Promise<void>,
  ) {}

  static async create(engine: Engine): Promise<World> {
    const database = await createTestDatabase(engine);
    const options = { prepare: false, max: 3, onnotice: () => {} };
    const world = new World(
      postgres(database.url(), options),
      postgres(database.url("assay_worker"), options),
      () => database.drop(),
    );
    await world
      .admin`insert into assay.projects (id, name) values (${world.projectId}, 'p')`;
    await world.admin`
      insert into assay.datasets (id, project_id, name) values (${world.datasetId}, ${world.projectId}, 'd')`;
    return world;
  }

  async drop(): Promise<void> {
    await Promise.all([this.admin.end(), this.worker.end()]);
    await this.dropDatabase();
  }

  readonly objects: ObjectStore = {
    download: (path) => {
      const file = this.files.get(path);
      return file ? Promise.resolve(file.bytes.slice()) : Promise.reject(
        new Error(`no ${path}`, { cause: { statusCode: "404" } }),
      );
    },
    upload: (path, bytes) => {
      this.files.set(path, { bytes: bytes.slice(), createdAt: new Date() });
      return Promise.resolve();
    },
    remove: (paths) => {
      for (const path of paths) this.files.delete(path);
      return Promise.resolve();
    },
    list: (folder) => {
      const names = new Map<string, Date | null>();
      for (const [path, { createdAt }] of this.files) {
        if (!path.startsWith(`${folder}/`)) continue;
        const [name, ...deeper] = path.slice(folder.length + 1).split("/");
        names.set(name!, deeper.length > 0 ? null : createdAt);
      }
      return Promise.resolve(
        Array.from(names, ([name, createdAt]) => ({ name, createdAt })),
      );
    },
  };

  /** Stores a run with its parts and asks for its job; returns the first task. */
  async log(
    parts: Part[],
    writers: Writer[] = [],
  ): Promise<{ runId: string; taskId: string }> {
    const runId = crypto.randomUUID();
    await this.admin`
      insert into assay.runs (id, project_id, dataset_id, name, attempt, task_type, label_names, request_digest, state, closed_at)
      values (${runId}, ${this.projectId}, ${this.datasetId}, ${runId}, 1, 'classification', ${[
      "ham",
      "spam",
    ]},
        ${new Uint8Array(32)}, 'closed', now())`;
    for (const [i, part] of parts.entries()) {
      const path = `${this.projectId}/${runId}/parts/${crypto.randomUUID()}`;
      const bytes = part.arrow ?? new TextEncoder().encode(
        part.rows.map((r) => JSON.stringify(r)).join("\n"),
      );
      const contentType = part.arrow
        ? "application/vnd.apache.arrow.stream"
        : "application/x-ndjson";
      await this.objects.upload(path, bytes, contentType);
      await this.admin`
        insert into assay.parts (project_id, run_id, idempotency_key, part_kind, split, epoch, writer, generation, seq,
          prediction_kind, content_type, content_encoding, storage_path, size_bytes, sha256)
        values (${this.projectId}, ${runId}, ${`${i}`}, ${part.kind}, ${
        part.split ?? "training"
      }, ${part.epoch ?? 0},
          ${part.writer ?? "0"}, ${part.generation ?? 0}, ${part.seq ?? i},
          ${
        part.kind === "outputs" ? part.predictionKind ?? "in_sample" : null
      }, ${contentType}, 'identity',
          ${path}, ${bytes.length}, ${
        part.sha256 ??
          new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))
      })`;
    }
    for (const [writer, generation, manifest] of writers) {
      await this.admin`
        insert into assay.writers (run_id, project_id, writer, generation, manifest)
        values (${runId}, ${this.projectId}, ${writer}, ${generation},
          ${manifest ? this.admin.json(manifest as never) : null})`;
    }
    const [row] = await this
      .worker`select * from assay.enqueue_job(${runId}, 'score_run', 'fold')`;
    return { runId, taskId: row!.task_id };
  }

  /** What the real handlers reach; texts are means of their tokens, whatever the machine. */
  deps(deps: Partial<RescoreDeps> = {}): RescoreDeps {
    return {
      runs: createRunStore(this.worker),
      samples: createSampleStore(this.worker),
      revisions: createRevisionStore(this.worker),
      reviews: createReviewStore(this.worker),
      encodings: createEncodingStore(this.worker),
      objects: this.objects,
      device: "cpu",
      encoders: { encodeBudgetMs: 0 },
      models: createModelStore(this.worker),
      checkpoints: createTaskCheckpoints(this.worker),
      modelLimits: {
        memoryBytes: 1024 * 1_048_576,
        openMs: 20_000,
        batchMs: 20_000,
      },
      reached: () => {},
      ...deps,
    };
  }

  /** The real handler of a scoring. */
  handler(deps: Partial<RescoreDeps> = {}): TaskHandler {
    return scoreRun(this.deps(deps));
  }

  /** The real handler of a rescoring. */
  rescorer(deps: Partial<RescoreDeps> = {}): TaskHandler {
    return rescoreRun(this.deps(deps));
  }

  /** The real handler of a deletion; `step` is told of each write to the database. */
  deleter(
    subject: DeletedSubject,
    objects: ObjectStore = this.objects,
    step: <T>(action: Promise<T>) => Promise<T> = (action) => action,
  ): TaskHandler {
    const real = createDeletionStore(this.worker);
    const deletions: DeletionStore = {
      ...real,
      purge: (...given) => step(real.purge(...given)),
      moveTexts: (...given) => step(real.moveTexts(...given)),
      end: (...given) => step(real.end(...given)),
    };
    return deleteData(subject, { deletions, objects });
  }

  /** Runs one task, as a delivery would. */
  deliver(
    taskId: string,
    handler?: TaskHandler,
    signal = new AbortController().signal,
  ): Promise<Delivery> {
    return runTask(taskId, {
      leases: createTaskStore(this.worker, {
        worker: "w",
        device: "cpu",
        leaseSeconds: 60,
      }),
      handlers: {
        score_run: handler ?? this.handler(),
        rescore_run: handler ?? this.rescorer(),
        export_project: handler ?? exportProject({
          exports: createExportStore(this.worker),
          objects: this.objects,
        }),
        delete_run: handler ?? this.deleter("run"),
        delete_dataset: handler ?? this.deleter("dataset"),
        delete_project: handler ?? this.deleter("project"),
      },
      heartbeatMs: 20,
      reached: () => {},
    }, signal);
  }

  /** Runs a job to its end and returns what people see. */
  async score(parts: Part[], writers?: Writer[]): Promise<Scored> {
    const { runId, taskId } = await this.log(parts, writers);
    await this.finish(taskId);
    return {
      runId,
      rows: await this.review(runId),
      ...await this.summary(runId),
    };
  }

  /** Delivers a task that must be done; returns the one after it. */
  async next(taskId: string, handler?: TaskHandler): Promise<string> {
    const delivery = await this.deliver(taskId, handler);
    if (delivery.outcome === "done") return delivery.taskIds[0]!;
    const { outcome, error } = delivery as { error?: Error } & Delivery;
    assert.fail(`${outcome}: ${error?.stack}`);
  }

  /** Delivers a task and those after it, to the end of the job. */
  async finish(taskId: string): Promise<void> {
    let task: string | undefined = taskId;
    while (task !== undefined) task = await this.next(task);
  }

  /** The ranked list, as people see it. */
  async review(runId: string): Promise<Record<string, unknown>[]> {
    const rows = await this.admin`
      select sample_id, split, rank, text_preview, given_label, predicted_label, suggested_label, issue_type, issue_types, reason,
        mislabeled_score, mislabeled_probability, hardness from assay.sample_review where run_id = ${runId} order by rank`;
    return rows.map((row) => ({ ...row })) as Record<string, unknown>[];
  }

  /** The run's summary and its unusable rows. */
  async summary(
    runId: string,
  ): Promise<Pick<Scored, "summary" | "problems">> {
    const [row] = await this
      .admin`select summary from assay.run_overview where run_id = ${runId}`;
    const problems = await this.admin`
      select p.message, p.n_rows from assay.row_problems p join assay.runs r on r.published_revision_id = p.revision_id
      where r.id = ${runId} order by p.id`;
    return {
      summary: row!.summary,
      problems: problems.map((p) => [p.message, p.n_rows] as [string, number]),
    };
  }

  /** Row of the run's job. */
  async job(runId: string): Promise<postgres.Row> {
    const [row] = await this
      .admin`select * from assay.jobs where run_id = ${runId}`;
    return row!;
  }
}

/** Waits until a worker has claimed a task. */
export async function untilRunning(
  { admin }: World,
  taskId: string,
): Promise<void> {
  while (
    (await admin`select 1 from assay.tasks where id = ${taskId} and state = 'running'`)
      .length === 0
  ) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Another worker takes the task over, as after an expired lease. */
export async function steal(world: World, taskId: string): Promise<void> {
  await untilRunning(world, taskId);
  await world
    .admin`update assay.tasks set lease_until = now() - interval '1 s' where id = ${taskId}`;
  const [row] = await world
    .worker`select * from assay.claim_task(${taskId}, 60, 'thief', 'cpu')`;
  if (row!.outcome !== "claimed") return await steal(world, taskId); // a heartbeat came between
}
