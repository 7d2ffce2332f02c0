import { AppError } from "@shared/errors.ts";
import type { Principal } from "../auth/principal.ts";
import type { Database } from "./database.ts";

/** The file that a job `export_project` has written. */
export interface ExportFile {
  /** Objects that hold it, in order. */
  readonly paths: readonly string[];
  /** Of the whole file. */
  readonly sizeBytes: number;
}

/** Finds exports. */
export interface ExportReader {
  /** Throws `not_found` if the job made none or it was removed since, `conflict` if it is not there yet. */
  find(caller: Principal, jobId: string): Promise<ExportFile>;
}

/** Exports as their tasks noted them. */
export function createExportReader(database: Database): ExportReader {
  return {
    find: (caller, jobId) =>
      database.asMember(caller, async (sql) => {
        const [row] = await sql`
          select j.job_kind, j.state, t.result from assay.jobs j
          left join assay.tasks t on t.job_id = j.id and t.state = 'succeeded'
          where j.id = ${jobId}`;
        if (row?.job_kind !== "export_project") {
          throw new AppError(
            "not_found",
            `Cannot find an export: job "${jobId}" makes none`,
          );
        }
        if (row.state !== "succeeded") {
          throw new AppError(
            "conflict",
            `Cannot download export: its job is ${row.state}`,
            { details: { job_state: row.state } },
          );
        }
        const { paths, size_bytes: sizeBytes } = row.result;
        return { paths, sizeBytes };
      }),
  };
}
