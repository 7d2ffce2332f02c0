// deno-lint-ignore-file camelcase
import { AppError } from "@shared/errors.ts";
import type { RescoreRequest, RunFilter } from "@shared/types/job.ts";
import type { Transaction } from "./database.ts";

/** A job that was asked for, with its first task; null: it was there already. */
export interface Enqueued {
  readonly run_id: string | null;
  readonly job_id: string;
  readonly task_id: string | null;
}

/** Most runs of one filter. */
const MOST_RUNS = 500;
/** Decides what the run is scored by; see `gpu-worker/jobs/rescore_run.ts`. */
const FIRST_STAGE = "prepare";

/**
 * Asks for runs to be scored again, one job a run, all or none. The same key again gives the same jobs; without a key a run's open job is
 * found where it was asked for in the same words.
 *
 * @throws {AppError} `not_found` if a run is none, or the filter fits none; `conflict` if one cannot be scored again now;
 * `idempotency_conflict` if the key stands for another request.
 */
export async function rescoreRuns(
  sql: Transaction,
  { job_kind: _, run_ids, filter, ...options }: RescoreRequest,
  key: string | null,
): Promise<Enqueued[]> {
  const request = sql.json({
    ...options,
    filter,
    ...key === null ? {} : { idempotency_key: key },
  } as never);
  if (key !== null) {
    const before = await askedBefore(sql, { run_ids, filter }, request, key);
    if (before.length > 0) return before;
  }
  const runs = await candidates(sql, run_ids, filter, request);
  if (options.model_id) {
    await checkModel(sql, options.model_id, runs.map((run) => run.run_id));
  }
  const open = runs.filter((run) => run.has_same_job);
  const made = await enqueueAll(
    sql,
    runs.filter((run) => !run.has_same_job).map((run) => run.run_id),
    request,
  );
  await refuseOthers(sql, made, request);
  return [
    ...open.map(({ run_id, job_id }) => ({
      run_id,
      job_id: job_id!,
      task_id: null,
    })),
    ...made,
  ];
}

/** A job for each run, or the one that another request asked for since the runs were looked at. */
async function enqueueAll(
  sql: Transaction,
  runIds: readonly string[],
  request: ReturnType<Transaction["json"]>,
): Promise<Enqueued[]> {
  const found = new Map<string, Enqueued>();
  let left = [...runIds];
  // none is answered where an open job ended at that moment
  for (let tries = 0; tries < 2 && left.length > 0; tries++) {
    const made = await sql<Enqueued[]>`
      select u.run_id, e.job_id, e.task_id
      from unnest(${left}::uuid[]) with ordinality as u (run_id, position)
      cross join lateral assay.enqueue_job(u.run_id, 'rescore_run', ${FIRST_STAGE}, ${request}) e
      order by u.position`;
    for (const job of made) found.set(job.run_id!, job);
    left = left.filter((id) => !found.has(id));
  }
  if (left.length > 0) {
    throw new AppError(
      "conflict",
      `Cannot rescore run "${left[0]}": it was scored just now; ask again`,
    );
  }
  return runIds.map((id) => found.get(id)!);
}

/** A job that was there must have been asked for in the same words. */
async function refuseOthers(
  sql: Transaction,
  made: readonly Enqueued[],
  request: ReturnType<Transaction["json"]>,
): Promise<void> {
  const late = made.filter((job) => job.task_id === null);
  if (late.length === 0) return;
  const same = await sql`
    select j.id from assay.jobs j
    where j.id = any (${
    late.map((job) => job.job_id)
  }::uuid[]) and j.job_kind = 'rescore_run' and j.request = ${request}`;
  const known = new Set(same.map(({ id }) => id));
  const other = late.find((job) => !known.has(job.job_id));
  if (other) throw isScored(other.run_id!, other.job_id);
}

/** A model is run over samples of its own project, whose owners have stored it. */
async function checkModel(
  sql: Transaction,
  modelId: string,
  runIds: readonly string[],
): Promise<void> {
  const [model] = await sql`
    select m.state, array(
      select r.id from assay.runs r where r.id = any (${[
    ...runIds,
  ]}::uuid[]) and r.project_id <> m.project_id) as others
    from assay.models m where m.id = ${modelId}`;
  if (!model || model.others.length > 0) {
    throw new AppError(
      "not_found",
      `Cannot find model "${modelId}"${
        model ? ` in the project of run "${model.others[0]}"` : ""
      }`,
    );
  }
  if (model.state !== "ready") {
    throw new AppError(
      "conflict",
      `Cannot rescore by model "${modelId}": its bytes were not sent yet`,
    );
  }
}

async function askedBefore(
  sql: Transaction,
  { run_ids, filter }: Pick<RescoreRequest, "run_ids" | "filter">,
  request: ReturnType<Transaction["json"]>,
  key: string,
): Promise<Enqueued[]> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${
    "rescore " + key
  }, 0))`;
  const projects = filter
    ? sql`select ${filter.project_id}::uuid`
    : sql`select r.project_id from assay.runs r where r.id = any (${[
      ...run_ids!,
    ]}::uuid[])`;
  const jobs = await sql`
    select j.run_id, j.id as job_id, j.request = ${request} as is_same from assay.jobs j join assay.runs r on r.id = j.run_id
    where j.project_id in (${projects}) and j.request ->> 'idempotency_key' = ${key}
    order by r.created_at desc, r.id`;
  const known = new Set(run_ids);
  const isSame = jobs.every(({ is_same }) => is_same) &&
    (run_ids === null ||
      (jobs.length === known.size &&
        jobs.every(({ run_id }) => known.has(run_id))));
  if (jobs.length > 0 && !isSame) {
    throw new AppError(
      "idempotency_conflict",
      `Cannot rescore: the Idempotency-Key "${key}" stands for another request`,
    );
  }
  return jobs.map(({ run_id, job_id }) => ({ run_id, job_id, task_id: null }));
}

interface Candidate {
  readonly run_id: string;
  readonly state: string;
  readonly published_revision_id: string | null;
  readonly parts_expired_at: Date | null;
  /** The open one that scores it; null: there is none. */
  readonly job_id: string | null;
  readonly has_same_job: boolean;
}

async function candidates(
  sql: Transaction,
  runIds: readonly string[] | null,
  filter: RunFilter | null,
  request: ReturnType<Transaction["json"]>,
): Promise<Candidate[]> {
  const runs = await sql<Candidate[]>`
    select r.id as run_id, r.state, r.published_revision_id, r.parts_expired_at, j.id as job_id,
      coalesce(j.job_kind = 'rescore_run' and j.request = ${request}, false) as has_same_job
    from assay.runs r
    left join assay.jobs j
      on j.run_id = r.id and j.job_kind in ('score_run', 'rescore_run') and j.state in ('queued', 'running')
    where ${
    filter ? fits(sql, filter) : sql`r.id = any (${[...runIds!]}::uuid[])`
  }
    order by r.created_at desc, r.id limit ${MOST_RUNS + 1}`;
  if (filter) {
    if (runs.length === 0) {
      throw new AppError(
        "not_found",
        "Cannot rescore: no scored run that nothing works on fits the filter",
      );
    }
    if (runs.length > MOST_RUNS) {
      throw new AppError(
        "conflict",
        `Cannot rescore more than ${MOST_RUNS} runs at once: narrow the filter`,
      );
    }
    return runs;
  }
  for (const id of runIds!) {
    refuse(id, runs.find((run) => run.run_id === id));
  }
  return runs;
}

function fits(
  sql: Transaction,
  { project_id, dataset_id, name_contains, incomplete }: RunFilter,
) {
  return sql`r.project_id = ${project_id} and r.published_revision_id is not null and r.parts_expired_at is null and j.id is null
    ${dataset_id ? sql`and r.dataset_id = ${dataset_id}` : sql``}
    ${
    name_contains
      ? sql`and position(lower(${name_contains}) in lower(r.name)) > 0`
      : sql``
  }
    ${incomplete === null ? sql`` : sql`and r.incomplete = ${incomplete}`}`;
}

function refuse(id: string, run: Candidate | undefined): void {
  const because = (reason: string) =>
    new AppError("conflict", `Cannot rescore run "${id}": ${reason}`);
  if (!run) throw new AppError("not_found", `Cannot find run "${id}"`);
  if (run.has_same_job) return;
  if (run.job_id !== null) throw isScored(id, run.job_id);
  if (run.state !== "closed") throw because("it is not finished");
  if (run.parts_expired_at !== null) {
    throw because(
      "its uploads were removed, and with them what it was scored by, as its project keeps them for a limited time",
    );
  }
  if (run.published_revision_id === null) {
    throw because('it has no results yet; ask for "score_run"');
  }
}

function isScored(runId: string, jobId: string): AppError {
  return new AppError(
    "conflict",
    `Cannot rescore run "${runId}": job "${jobId}" scores it now; wait for its end, or cancel it`,
    { details: { job_id: jobId } },
  );
}
