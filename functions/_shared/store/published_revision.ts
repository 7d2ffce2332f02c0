import { AppError } from "@shared/errors.ts";
import type { Transaction } from "./database.ts";

/**
 * The revision that readers follow, or a `conflict` that names the job to wait for; another one of the run where it is named, or `not_found`.
 */
export async function publishedRevision(
  sql: Transaction,
  runId: string,
  revisionId: string | null = null,
): Promise<{ readonly id: string; readonly columnsPath: string | null }> {
  if (revisionId !== null) {
    const [row] = await sql`
      select v.id, v.columns_path from assay.revisions v
      where v.id = ${revisionId} and v.run_id = ${runId} and v.published_at is not null`;
    if (row) return { id: row.id, columnsPath: row.columns_path };
    throw new AppError(
      "not_found",
      `Cannot find revision "${revisionId}" of run "${runId}"`,
    );
  }
  const [row] = await sql`
    select v.id, v.columns_path from assay.runs r join assay.revisions v on v.id = r.published_revision_id where r.id = ${runId}`;
  if (row) return { id: row.id, columnsPath: row.columns_path };
  const [job] = await sql`
    select j.id, j.state from assay.jobs j where j.run_id = ${runId} order by j.created_at desc, j.id limit 1`;
  throw new AppError(
    "conflict",
    `Cannot show results of run "${runId}": it is not scored yet`,
    { details: { job_id: job?.id ?? null, job_state: job?.state ?? null } },
  );
}
