import { AppError } from "@shared/errors.ts";
import type { DatasetQuery } from "@shared/schemas/dataset.ts";
import type { Dataset } from "@shared/types/dataset.ts";
import type { Page } from "@shared/types/page.ts";
import type { Principal } from "../auth/principal.ts";
import type { Database, Transaction } from "./database.ts";
import { decodeCursor, pageOf } from "./page.ts";

/** Reads datasets. */
export interface DatasetReader {
  /** By creation, newest first. */
  list(caller: Principal, query: DatasetQuery): Promise<Page<Dataset>>;
  /** One dataset that the caller may read. */
  get(caller: Principal, datasetId: string): Promise<Dataset>;
}

/** Datasets as the view `dataset_overview` shows them. */
export function createDatasetReader(database: Database): DatasetReader {
  return {
    list: (caller, { limit, cursor, projectId, name }) =>
      database.asMember(caller, async (sql) => {
        const after = decodeCursor(cursor, ["string", "string"]);
        const rows = await sql`
          select ${
          columns(sql)
        }, v.created_at::text as at from assay.dataset_overview v
          where true
            ${projectId ? sql`and v.project_id = ${projectId}` : sql``}
            ${name === null ? sql`` : sql`and v.name = ${name}`}
            ${
          after
            ? sql`and (v.created_at < ${after[0]!}::text::timestamptz
                or (v.created_at = ${after[
              0
            ]!}::text::timestamptz and v.dataset_id > ${after[
              1
            ]!}::uuid))`
            : sql``
        }
          order by v.created_at desc, v.dataset_id limit ${limit + 1}`;
        return pageOf(
          rows,
          limit,
          (row) => [row.at, row.dataset_id],
          ({ at: _, ...row }) => row as Dataset,
        );
      }),
    get: (caller, datasetId) =>
      database.asMember(caller, async (sql) => {
        const [row] = await sql`
          select ${
          columns(sql)
        } from assay.dataset_overview v where v.dataset_id = ${datasetId}`;
        if (row) return row as Dataset;
        throw new AppError("not_found", `Cannot find dataset "${datasetId}"`);
      }),
  };
}

function columns(sql: Transaction) {
  return sql`v.dataset_id, v.project_id, v.project, v.name, v.n_runs, v.n_samples, v.last_run_at, v.created_at`;
}
