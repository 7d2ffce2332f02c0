import type { PageQuery } from "@shared/schemas/page.ts";
import { AppError } from "@shared/errors.ts";
import type { Page } from "@shared/types/page.ts";
import type { RunReport } from "@shared/types/report.ts";
import type {
  ClassReportRow,
  LabelConfusion,
  RowProblem,
} from "@shared/types/result.ts";
import type { Principal } from "../auth/principal.ts";
import type { Database } from "./database.ts";
import { decodeCursor, pageOf } from "./page.ts";
import { publishedRevision } from "./published_revision.ts";

/** Reads what a run's published revision says as a whole. */
export interface ReportStore {
  /** Quality of each class, in logit order. */
  classes(caller: Principal, runId: string): Promise<ClassReportRow[]>;
  /** Pairs of given and suggested label, most flagged first. */
  confusions(caller: Principal, runId: string): Promise<LabelConfusion[]>;
  /** The run as a whole. */
  whole(caller: Principal, runId: string): Promise<RunReport>;
  /** Rows that could not be used. */
  problems(
    caller: Principal,
    runId: string,
    page: PageQuery,
  ): Promise<Page<RowProblem>>;
  /** Where the dense columns lie; null path: there are none. */
  columns(
    caller: Principal,
    runId: string,
  ): Promise<{ readonly revisionId: string; readonly path: string | null }>;
}

/** Reports in PostgreSQL. */
export function createReportStore(database: Database): ReportStore {
  return {
    classes: (caller, runId) =>
      database.asMember(caller, async (sql) => {
        await publishedRevision(sql, runId);
        return await sql<ClassReportRow[]>`
          select v.split, v.label, v.n_given, v.n_predicted, v.n_mislabeled, v."precision", v.recall, v.f1, v.mean_data_error_potential
          from assay.class_quality v join assay.runs r on r.id = v.run_id
          where v.run_id = ${runId}
          order by array_position(array['training', 'validation', 'test', 'inference'], v.split), array_position(r.label_names, v.label)`;
      }),
    confusions: (caller, runId) =>
      database.asMember(caller, async (sql) => {
        await publishedRevision(sql, runId);
        return await sql<LabelConfusion[]>`
          select v.split, v.given_label, v.suggested_label, v.n_flagged, v.share_of_given
          from assay.label_confusions v where v.run_id = ${runId}
          order by v.n_flagged desc, v.split, v.given_label, v.suggested_label`;
      }),
    whole: (caller, runId) =>
      database.asMember(caller, async (sql) => {
        const { id } = await publishedRevision(sql, runId);
        const [row] = await sql<{ report: RunReport | null }[]>`
          select v.report from assay.revisions v where v.id = ${id}`;
        if (row?.report) return row.report;
        throw new AppError(
          "not_found",
          `Cannot find the report of run "${runId}": it was scored before there were reports; score it again`,
        );
      }),
    problems: (caller, runId, { limit, cursor }) =>
      database.asMember(caller, async (sql) => {
        const revision = await publishedRevision(sql, runId);
        const after = decodeCursor(cursor, ["string"]);
        const rows = await sql`
          select p.id, p.part_id, p.row_number as "row", p.column_name as "column", p.message, p.n_rows
          from assay.row_problems p
          where p.revision_id = ${revision.id} and p.id > ${
          after?.[0] ?? "0"
        }::bigint
          order by p.id limit ${limit + 1}`;
        return pageOf(
          rows,
          limit,
          (row) => [row.id],
          ({ id: _, ...row }) => row as RowProblem,
        );
      }),
    columns: (caller, runId) =>
      database.asMember(caller, async (sql) => {
        const { id, columnsPath } = await publishedRevision(sql, runId);
        return { revisionId: id, path: columnsPath };
      }),
  };
}
