// deno-lint-ignore-file camelcase
import { AppError } from "@shared/errors.ts";
import type {
  FinishReceipt,
  FinishRequest,
  ManifestEntry,
} from "@shared/types/part.ts";
import type { Principal } from "../auth/principal.ts";
import type { Database, Transaction } from "./database.ts";
import { type MissingPart, missingParts } from "./missing_parts.ts";

/** What finishing came to, and which doorbells wait to be rung for it. */
export interface Finished {
  readonly receipt: FinishReceipt;
  readonly taskIds: readonly string[];
}

/** Finishes writers, and closes the run with the last of them. */
export interface FinishStore {
  /** Checks the manifest, notes the writer; when all have finished closes the run and asks for its job, in one transaction. */
  finish(
    caller: Principal,
    runId: string,
    request: FinishRequest,
  ): Promise<Finished>;
}

/** Finishing in PostgreSQL. */
export function createFinishStore(database: Database): FinishStore {
  return {
    finish: (caller, runId, request) =>
      database.asEdge(caller, async (sql) => {
        // The run's row first: writers that finish at once must not both leave the job to the other.
        const [run] = await sql`
          select r.state, r.writers, r.project_id from assay.runs r where r.id = ${runId} for no key update`;
        if (!run) {
          throw new AppError("not_found", `Cannot find run "${runId}"`);
        }
        const [parts] = await sql`
          select exists (select from assay.parts p where p.run_id = ${runId}) as any`;
        if (run.state === "closed") {
          if (!parts!.any) throw nothingToScore(runId);
          return await closedBefore(sql, runId);
        }
        if (request.manifest !== null && !request.incomplete) {
          await checkManifest(sql, runId, request, request.manifest);
        }
        await noteWriter(sql, runId, run.project_id, request);
        const [{ finished } = { finished: 0 }] = await sql`
          select count(*)::int as finished from assay.writers w where w.run_id = ${runId}`;
        const writers_missing = Math.max(0, run.writers - finished);
        if (writers_missing > 0 && !request.incomplete) {
          return {
            receipt: {
              run_id: runId,
              state: "open",
              job_id: null,
              writers_missing,
            },
            taskIds: [],
          };
        }
        if (!parts!.any) throw nothingToScore(runId);
        const [{ lost } = { lost: false }] = await sql`
          select coalesce(bool_or(w.incomplete), false) as lost from assay.writers w where w.run_id = ${runId}`;
        await sql`
          update assay.runs r set state = 'closed', closed_at = now(), incomplete = ${lost} where r.id = ${runId}`;
        const [job] =
          await sql`select * from assay.enqueue_job(${runId}, 'score_run', 'fold')`;
        return {
          receipt: {
            run_id: runId,
            state: "closed",
            job_id: job!.job_id,
            writers_missing,
          },
          taskIds: job!.task_id ? [job!.task_id] : [],
        };
      }),
  };
}

/** The same answer as when it was closed; doorbells that nobody rang since are rung now. */
async function closedBefore(
  sql: Transaction,
  runId: string,
): Promise<Finished> {
  const [job] = await sql`
    select j.id from assay.jobs j where j.run_id = ${runId} and j.job_kind = 'score_run'
    order by j.created_at, j.id limit 1`;
  const [{ missing } = { missing: 0 }] = await sql`
    select greatest(0, r.writers - (select count(*) from assay.writers w where w.run_id = r.id))::int as missing
    from assay.runs r where r.id = ${runId}`;
  const waiting = await sql`
    select distinct o.task_id from assay.outbox o join assay.tasks t on t.id = o.task_id
    where t.job_id = ${
    job?.id ?? null
  } and t.state = 'queued' and o.sent_at is null`;
  return {
    receipt: {
      run_id: runId,
      state: "closed",
      job_id: job?.id ?? null,
      writers_missing: missing,
    },
    taskIds: waiting.map((row) => row.task_id),
  };
}

async function checkManifest(
  sql: Transaction,
  runId: string,
  { writer, generation }: FinishRequest,
  manifest: readonly ManifestEntry[],
): Promise<void> {
  const present = await sql`
    select p.part_kind, p.split, p.inference_name, p.epoch, array_agg(p.seq) as seqs
    from assay.parts p
    where p.run_id = ${runId} and p.writer = ${writer} and p.generation = ${generation}
    group by p.part_kind, p.split, p.inference_name, p.epoch`;
  const { missing, count } = missingParts(
    manifest,
    present as unknown as Parameters<typeof missingParts>[1],
  );
  if (count === 0) return;
  throw new AppError(
    "parts_missing",
    `Cannot finish writer "${writer}": ${count} of its parts did not arrive; send them again, then finish`,
    {
      details: { missing, count } satisfies {
        missing: readonly MissingPart[];
        count: number;
      },
    },
  );
}

/** A writer that resumed has a higher generation; a late word of an earlier one changes nothing. */
async function noteWriter(
  sql: Transaction,
  runId: string,
  projectId: string,
  request: FinishRequest,
): Promise<void> {
  await sql`
    insert into assay.writers (run_id, project_id, writer, generation, manifest, incomplete)
    values (${runId}, ${projectId}, ${request.writer}, ${request.generation},
      ${
    request.manifest === null ? null : sql.json(request.manifest as never)
  }, ${request.incomplete})
    on conflict (run_id, writer) do update
    set generation = excluded.generation, manifest = excluded.manifest, incomplete = excluded.incomplete, finished_at = now()
    where excluded.generation >= writers.generation`;
}

function nothingToScore(runId: string): AppError {
  return new AppError(
    "unusable_input",
    `Cannot score run "${runId}": it has no parts; log samples, and outputs if there are any, before finishing`,
  );
}
