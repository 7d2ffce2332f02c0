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

/** Reads what a revision of a run says as a whole; null: the published one. */
export interface ReportStore {
  /** Quality of each class, in logit order. */
  classes(
    caller: Principal,
    runId: string,
    revision: string | null,
  ): Promise<ClassReportRow[]>;
  /** Pairs of given and suggested label, most flagged first. */
  confusions(
    caller: Principal,
    runId: string,
    revision: string | null,
  ): Promise<LabelConfusion[]>;
  /** The run as a whole. */
  whole(
    caller: Principal,
    runId: string,
    revision: string | null,
  ): Promise<RunReport>;
  /** Rows that could not be used. */
  problems(
    caller: Principal,
    runId: string,
    page: PageQuery & { readonly revision: string | null },
  ): Promise<Page<RowProblem>>;
  /** Where the dense columns lie; null path: there are none. */
  columns(
    caller: Principal,
    runId: string,
    revision: string | null,
  ): Promise<{ readonly revisionId: string; readonly path: string | null }>;
}

/** Reports in PostgreSQL. */
export function createReportStore(database: Database): ReportStore {
  return {
    classes: (caller, runId, revision) =>
      database.asMember(caller, async (sql) => {
        const { id } = await publishedRevision(sql, runId, revision);
        return await sql<ClassReportRow[]>`
          select c.split, r.label_names[c.label + 1] as label, c.n_given, c.n_predicted, c.n_mislabeled, c."precision", c.recall, c.f1,
            c.mean_data_error_potential
          from assay.class_reports c join assay.runs r on r.id = ${runId}
          where c.revision_id = ${id}
          order by array_position(array['training', 'validation', 'test', 'inference'], c.split), c.label`;
      }),
    confusions: (caller, runId, revision) =>
      database.asMember(caller, async (sql) => {
        const { id } = await publishedRevision(sql, runId, revision);
        return await sql<LabelConfusion[]>`
          select c.split, r.label_names[c.given_label + 1] as given_label, r.label_names[c.suggested_label + 1] as suggested_label,
            c.n_flagged, c.share_of_given
          from assay.class_pairs c join assay.runs r on r.id = ${runId}
          where c.revision_id = ${id}
          order by c.n_flagged desc, c.split, 2, 3`;
      }),
    whole: (caller, runId, revision) =>
      database.asMember(caller, async (sql) => {
        const { id } = await publishedRevision(sql, runId, revision);
        const [row] = await sql<{ report: RunReport | null }[]>`
          select v.report from assay.revisions v where v.id = ${id}`;
        if (row?.report) return row.report;
        throw new AppError(
          "not_found",
          `Cannot find the report of run "${runId}": it was scored before there were reports; score it again`,
        );
      }),
    problems: (caller, runId, { limit, cursor, revision }) =>
      database.asMember(caller, async (sql) => {
        const { id } = await publishedRevision(sql, runId, revision);
        const after = decodeCursor(cursor, ["string"]);
        const rows = await sql`
          select p.id, p.part_id, p.row_number as "row", p.column_name as "column", p.message, p.n_rows
          from assay.row_problems p
          where p.revision_id = ${id} and p.id > ${after?.[0] ?? "0"}::bigint
          order by p.id limit ${limit + 1}`;
        return pageOf(
          rows,
          limit,
          (row) => [row.id],
          ({ id: _, ...row }) => row as RowProblem,
        );
      }),
    columns: (caller, runId, revision) =>
      database.asMember(caller, async (sql) => {
        const { id, columnsPath } = await publishedRevision(
          sql,
          runId,
          revision,
        );
        return { revisionId: id, path: columnsPath };
      }),
  };
}
