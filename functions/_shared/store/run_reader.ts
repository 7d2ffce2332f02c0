import { AppError } from "@shared/errors.ts";
import type { RunQuery } from "@shared/schemas/run.ts";
import type { Page } from "@shared/types/page.ts";
import type { RunOverview } from "@shared/types/run.ts";
import type { Principal } from "../auth/principal.ts";
import type { Database, Transaction } from "./database.ts";
import { decodeCursor, pageOf } from "./page.ts";

/** Reads runs. */
export interface RunReader {
  /** Newest first. */
  list(caller: Principal, query: RunQuery): Promise<Page<RunOverview>>;
  /** One run that the caller may read. */
  get(caller: Principal, runId: string): Promise<RunOverview>;
}

/** Runs as the view `run_overview` shows them. */
export function createRunReader(database: Database): RunReader {
  return {
    list: (caller, { limit, cursor, projectId, datasetId, name }) =>
      database.asMember(caller, async (sql) => {
        const after = decodeCursor(cursor, ["string", "string"]);
        const rows = await sql`
          select ${
          columns(sql)
        }, v.created_at::text as at from assay.run_overview v
          where true
            ${projectId ? sql`and v.project_id = ${projectId}` : sql``}
            ${datasetId ? sql`and v.dataset_id = ${datasetId}` : sql``}
            ${name === null ? sql`` : sql`and v.name = ${name}`}
            ${
          after
            ? sql`and (v.created_at < ${after[0]!}::text::timestamptz
                or (v.created_at = ${after[
              0
            ]!}::text::timestamptz and v.run_id > ${after[1]!}::uuid))`
            : sql``
        }
          order by v.created_at desc, v.run_id limit ${limit + 1}`;
        return pageOf(
          rows,
          limit,
          (row) => [row.at, row.run_id],
          ({ at: _, ...row }) => row as RunOverview,
        );
      }),
    get: (caller, runId) =>
      database.asMember(caller, async (sql) => {
        const [row] = await sql`
          select ${
          columns(sql)
        } from assay.run_overview v where v.run_id = ${runId}`;
        if (row) return row as RunOverview;
        throw new AppError("not_found", `Cannot find run "${runId}"`);
      }),
  };
}

function columns(sql: Transaction) {
  return sql`v.run_id, v.project_id, v.dataset_id, v.dataset, v.name, v.attempt, v.state, v.incomplete, v.label_names, v.job_id,
    v.job_state, v.revision_id, v.revision_number, v.summary, v.created_at`;
}
