import { AppError } from "@shared/errors.ts";
import { isUuid } from "@shared/schemas/run.ts";
import type { RunReceipt, RunRequest } from "@shared/types/run.ts";
import type { Principal } from "../auth/principal.ts";
import { digestOf, sameBytes } from "./canonical.ts";
import type { Database, Transaction } from "./database.ts";

/** Makes runs. */
export interface RunStore {
  /** Project that a request for this run is about: the run's own if it exists, else the one the request names or leaves no choice of. */
  projectFor(
    caller: Principal,
    runId: string,
    project: string | null,
  ): Promise<string>;
  /** Makes the run, and its dataset on first use; finds it when the same request came before. */
  create(
    caller: Principal,
    runId: string,
    projectId: string,
    request: RunRequest,
  ): Promise<RunReceipt & { readonly created: boolean }>;
}

/** Runs in PostgreSQL. */
export function createRunStore(database: Database): RunStore {
  return {
    projectFor: (caller, runId, project) =>
      database.asEdge(caller, async (sql) => {
        const [run] = await sql`
          select r.project_id, p.name from assay.runs r join assay.projects p on p.id = r.project_id where r.id = ${runId}`;
        if (
          run &&
          (project === null || project === run.name ||
            project.toLowerCase() === run.project_id)
        ) return run.project_id as string;
        return await findProject(sql, project);
      }),

    create: (caller, runId, projectId, request) =>
      database.asEdge(caller, async (sql) => {
        const dataset = await datasetName(sql, projectId, request);
        const digest = digestOf({ ...request, project: projectId, dataset });
        // One at a time per name: attempts count up without a gap or a clash.
        await sql`select pg_advisory_xact_lock(hashtextextended(${
          projectId + request.name
        }, 0))`;
        const found = await findRun(sql, runId, digest);
        if (found) return { ...found, created: false };
        const [deleted] = await sql`
          select from assay.deletions d where d.subject_id = ${runId}`;
        if (deleted) {
          throw new AppError(
            "run_closed",
            `Cannot make run "${runId}": it was deleted; log again under another id`,
          );
        }
        const datasetId = await useDataset(sql, projectId, dataset);
        const [row] = await sql`
          insert into assay.runs (id, project_id, dataset_id, name, attempt, task_type, label_names, writers, metadata_schema,
            request_digest, created_by)
          select ${runId}, ${projectId}, ${datasetId}, ${request.name},
            1 + coalesce((select max(r.attempt) from assay.runs r where r.project_id = ${projectId} and r.name = ${request.name}), 0),
            ${request.task}, ${request
          .label_names as string[]}::text[], ${request.writers}, ${
          request.metadata_schema === null
            ? null
            : sql.json(request.metadata_schema as never)
        }, ${digest}, assay.user_id()
          on conflict (id) do nothing
          returning attempt`;
        if (row) {
          return {
            run_id: runId,
            project_id: projectId,
            dataset_id: datasetId,
            attempt: row.attempt,
            state: "open",
            created: true,
          };
        }
        // Made at the same moment under another name or in another project, or where this caller sees nothing.
        const other = await findRun(sql, runId, digest);
        if (other) return { ...other, created: false };
        throw new AppError("not_found", `Cannot find run "${runId}"`);
      }),
  };
}

async function findProject(
  sql: Transaction,
  project: string | null,
): Promise<string> {
  const rows = project === null
    ? await sql`select p.id from assay.projects p limit 2`
    : await sql`
      select p.id from assay.projects p
      where p.name = ${project} or p.id = ${isUuid(project) ? project : null}
      order by p.id = ${isUuid(project) ? project : null} desc nulls last`;
  const [first, second] = rows;
  if (!first) {
    throw new AppError(
      "not_found",
      project === null
        ? "Cannot find a project of yours: make one first"
        : `Cannot find project "${project}"`,
    );
  }
  const isById = project !== null && first.id === project.toLowerCase();
  if (second && !isById) {
    throw new AppError(
      "validation_failed",
      project === null
        ? "Cannot choose a project: you have several, so name one in project"
        : `Cannot choose a project: several are named "${project}", so give its id`,
    );
  }
  return first.id;
}

async function datasetName(
  sql: Transaction,
  projectId: string,
  request: RunRequest,
): Promise<string> {
  if (request.dataset !== null) return request.dataset;
  const [row] =
    await sql`select p.name from assay.projects p where p.id = ${projectId}`;
  return row!.name;
}

async function useDataset(
  sql: Transaction,
  projectId: string,
  name: string,
): Promise<string> {
  const [made] = await sql`
    insert into assay.datasets (project_id, name) values (${projectId}, ${name})
    on conflict (project_id, name) do nothing returning id`;
  if (made) return made.id;
  const [row] = await sql`
    select d.id from assay.datasets d where d.project_id = ${projectId} and d.name = ${name}`;
  return row!.id;
}

async function findRun(
  sql: Transaction,
  runId: string,
  digest: Uint8Array,
): Promise<RunReceipt | null> {
  const [row] = await sql`
    select r.id as run_id, r.project_id, r.dataset_id, r.attempt, r.state, r.request_digest
    from assay.runs r where r.id = ${runId}`;
  if (!row) return null;
  const { request_digest: before, ...receipt } = row;
  if (sameBytes(before, digest)) return receipt as RunReceipt;
  throw new AppError(
    "conflict",
    `Cannot make run "${runId}": it exists and was made by another request`,
  );
}
