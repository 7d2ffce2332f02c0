// deno-lint-ignore-file camelcase
import { AppError } from "@shared/errors.ts";
import type { JobQuery } from "@shared/schemas/job.ts";
import type { JobRequest, JobStatus, NewJobs } from "@shared/types/job.ts";
import type { Page } from "@shared/types/page.ts";
import type { Principal } from "../auth/principal.ts";
import type { Database, Transaction } from "./database.ts";
import { decodeCursor, pageOf } from "./page.ts";
import { type Enqueued, rescoreRuns } from "./rescoring.ts";

/** Asks for jobs and reads them. */
export interface JobStore {
  /** Asks for jobs, or finds the open one of the same run. Task ids are those to ring for. */
  enqueue(
    caller: Principal,
    request: JobRequest,
    idempotencyKey: string | null,
  ): Promise<{ readonly jobs: NewJobs; readonly taskIds: readonly string[] }>;
  /** Newest first. */
  list(caller: Principal, query: JobQuery): Promise<Page<JobStatus>>;
  /** One job that the caller may read. */
  get(caller: Principal, jobId: string): Promise<JobStatus>;
  /** Cancels it if it is open. */
  cancel(caller: Principal, jobId: string): Promise<void>;
}

/** First stage of each kind of job. */
const FIRST_STAGE = { score_run: "fold", export_project: "export" } as const;

/** Jobs in PostgreSQL. */
export function createJobStore(database: Database): JobStore {
  return {
    enqueue: (caller, request, idempotencyKey) =>
      database.asEdge(caller, async (sql) => {
        const jobs = request.job_kind === "rescore_run"
          ? await rescoreRuns(sql, request, idempotencyKey)
          : request.job_kind === "score_run"
          ? [await scoreRun(sql, request.run_id)]
          : [await exportProject(sql, request)];
        return {
          jobs: {
            job_id: jobs[0]!.job_id,
            jobs: jobs.map(({ job_id, run_id }) => ({ job_id, run_id })),
          },
          taskIds: jobs.flatMap(({ task_id }) => task_id ?? []),
        };
      }),
    list: (caller, { limit, cursor, runId, state }) =>
      database.asMember(caller, async (sql) => {
        const after = decodeCursor(cursor, ["string", "string"]);
        const rows = await sql`
          select ${
          columns(sql)
        }, v.created_at::text as at from assay.job_status v
          where true
            ${runId ? sql`and v.run_id = ${runId}` : sql``}
            ${state ? sql`and v.state = ${state}` : sql``}
            ${
          after
            ? sql`and (v.created_at < ${after[0]!}::text::timestamptz
                or (v.created_at = ${after[
              0
            ]!}::text::timestamptz and v.job_id > ${after[1]!}::uuid))`
            : sql``
        }
          order by v.created_at desc, v.job_id limit ${limit + 1}`;
        return pageOf(
          rows,
          limit,
          (row) => [row.at, row.job_id],
          ({ at: _, ...row }) => row as JobStatus,
        );
      }),
    get: (caller, jobId) =>
      database.asMember(caller, async (sql) => {
        const [row] = await sql`
          select ${
          columns(sql)
        } from assay.job_status v where v.job_id = ${jobId}`;
        if (row) return row as JobStatus;
        throw new AppError("not_found", `Cannot find job "${jobId}"`);
      }),
    cancel: (caller, jobId) =>
      database.asEdge(caller, async (sql) => {
        const [job] =
          await sql`select j.job_kind from assay.jobs j where j.id = ${jobId}`;
        if (job?.job_kind.startsWith("delete_")) {
          throw new AppError(
            "conflict",
            `Cannot cancel job "${jobId}": what it removes is deleted already`,
          );
        }
        await sql`select assay.cancel_job(${jobId})`;
      }),
  };
}

async function scoreRun(sql: Transaction, runId: string): Promise<Enqueued> {
  const [run] = await sql`
    select r.state, r.parts_expired_at from assay.runs r where r.id = ${runId}`;
  if (run?.state !== "closed") {
    throw new AppError(
      "conflict",
      `Cannot score run "${runId}": it is not finished`,
    );
  }
  if (run.parts_expired_at !== null) {
    throw new AppError(
      "conflict",
      `Cannot score run "${runId}": its uploads were removed, as its project keeps them for a limited time`,
    );
  }
  const ask = async () => {
    const [job] = await sql<Enqueued[]>`
      select e.*, ${runId}::uuid as run_id from assay.enqueue_job(${runId}, 'score_run', ${FIRST_STAGE.score_run}) e`;
    return job;
  };
  // none is answered where an open job ended at that moment
  const job = await ask() ?? await ask();
  if (!job) {
    throw new AppError(
      "conflict",
      `Cannot score run "${runId}": it was scored just now; ask again`,
    );
  }
  const [open] =
    await sql`select j.job_kind from assay.jobs j where j.id = ${job.job_id}`;
  if (open!.job_kind !== "score_run") {
    throw new AppError(
      "conflict",
      `Cannot score run "${runId}": job "${job.job_id}" scores it again now; wait for its end, or cancel it`,
      { details: { job_id: job.job_id } },
    );
  }
  return job;
}

async function exportProject(
  sql: Transaction,
  { project_id: projectId, include_parts }: JobRequest & {
    job_kind: "export_project";
  },
): Promise<Enqueued> {
  const [job] = await sql<Enqueued[]>`
    select e.*, null::uuid as run_id from assay.enqueue_export(${projectId}, ${FIRST_STAGE.export_project}, ${
    sql.json({ include_parts })
  }) e`;
  return job!;
}

function columns(sql: Transaction) {
  return sql`v.job_id, v.project_id, v.run_id, v.job_kind, v.state, v.stage, v.fraction, v.attempts, v.device, v.error_code, v.error,
    v.created_at, v.started_at, v.finished_at,
    (select coalesce(json_object_agg(s.key, s.value order by array_position(${STAGES}::text[], s.key), s.key), '{}')
      from jsonb_each(v.stage_seconds) s) as stage_seconds`;
}

/** In the order they are run: jsonb has an order of its own. */
const STAGES = ["prepare", "fold", "encode", "infer", "score"];
