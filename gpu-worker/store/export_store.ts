import { AppError } from "@shared/errors.ts";
import type { Sql } from "postgres";

/** A row as it stands in the database, with the wire's names. */
export type ExportRow = Readonly<Record<string, unknown>>;

/** A run whose results go into an export. */
export interface ExportedRun {
  readonly runId: string;
  /** Null: it was not scored. */
  readonly revisionId: string | null;
  /** Where its dense columns lie; null: nowhere. */
  readonly columnsPath: string | null;
}

/** Reads everything of a project, in pages: no transaction stays open while files are written. */
export interface ExportStore {
  /** The project. Throws `not_found` if it was deleted. */
  project(projectId: string): Promise<ExportRow & { readonly name: string }>;
  /** Small tables, whole. */
  datasets(projectId: string): Promise<ExportRow[]>;
  datasetVersions(projectId: string): Promise<ExportRow[]>;
  verdicts(projectId: string): Promise<ExportRow[]>;
  audits(projectId: string): Promise<ExportRow[]>;
  /** Stored models, with where their bytes lie. */
  models(projectId: string): Promise<ExportRow[]>;
  /** Runs, oldest first, with what their published revision says of them as a whole. */
  runs(projectId: string): Promise<ExportRow[]>;
  /** Uploads, in the order they are read. */
  parts(projectId: string): Promise<ExportRow[]>;
  /** How many samples the project has. */
  countSamples(projectId: string): Promise<number>;
  /** Samples by key, with where their whole text lies. */
  samples(projectId: string): AsyncGenerator<ExportRow[]>;
  /** Which sample stood in which split with which label. */
  labels(datasetVersionId: string): AsyncGenerator<ExportRow[]>;
  /** Rows of a revision about samples, worst first. */
  results(revisionId: string): AsyncGenerator<ExportRow[]>;
  /** Rows of a revision from one of its other tables. */
  about(revisionId: string, table: RevisionTable): AsyncGenerator<ExportRow[]>;
}

/** Tables of a revision that are exported as they are, with the columns that order them. */
export const REVISION_TABLES = {
  sample_issues: ["split", "sample_key", "issue_type"],
  sample_neighbours: ["split", "sample_key", "position"],
  class_reports: ["split", "label"],
  class_pairs: ["split", "given_label", "suggested_label"],
  row_problems: ["id"],
} as const;

/** One of {@linkcode REVISION_TABLES}. */
export type RevisionTable = keyof typeof REVISION_TABLES;

const PAGE = 5000;

/** Exports from PostgreSQL. */
export function createExportStore(sql: Sql): ExportStore {
  /** Pages of a query whose rows are ordered by `keys`, which tell any two apart. */
  async function* pages(
    table: string,
    columns: string,
    where: { readonly column: string; readonly id: string },
    keys: readonly string[],
  ): AsyncGenerator<ExportRow[]> {
    let after: unknown[] | null = null;
    while (true) {
      const order = sql(keys);
      const rows: ExportRow[] = await sql`
        select ${sql.unsafe(columns)} from assay.${sql(table)} t
        where ${sql(where.column)} = ${where.id}
          ${
        after === null
          ? sql``
          : sql`and (${order}) > (${
            after.flatMap((value, i) => [
              i === 0 ? sql`` : sql`, `,
              sql`${value as string}`,
            ])
          })`
      }
        order by ${order} limit ${PAGE}`;
      if (rows.length > 0) yield rows;
      if (rows.length < PAGE) return;
      const last = rows.at(-1)!;
      after = keys.map((key) => last[key]);
    }
  }

  return {
    async project(projectId) {
      const [row] = await sql`
        select p.id as project_id, p.name, p.created_at from assay.projects p
        where p.id = ${projectId} and not exists (select from assay.deletions d where d.subject_id = p.id)`;
      if (row) return row as unknown as ExportRow & { name: string };
      throw new AppError(
        "not_found",
        `Cannot export project "${projectId}": it was deleted`,
      );
    },
    datasets: (projectId) =>
      sql`
        select d.id as dataset_id, d.name, d.created_at from assay.datasets d
        where d.project_id = ${projectId} and not exists (select from assay.deletions x where x.subject_id = d.id)
        order by d.created_at, d.id`,
    datasetVersions: (projectId) =>
      sql`
        select v.id as dataset_version_id, v.dataset_id, v.parent_id, encode(v.digest, 'hex') as digest, v.label_names, v.n_samples, v.created_at
        from assay.dataset_versions v
        where v.project_id = ${projectId} and not exists (select from assay.deletions x where x.subject_id = v.dataset_id)
        order by v.created_at, v.id`,
    verdicts: (projectId) =>
      sql`
        select v.id as verdict_id, v.dataset_id, v.sample_id, encode(v.content_hash, 'hex') as content_hash, v.verdict, v.label, v.comment,
          v.run_id, v.reviewer_id, v.key_id, v.created_at
        from assay.verdicts v
        where v.project_id = ${projectId} and not exists (select from assay.deletions x where x.subject_id = v.dataset_id)
        order by v.created_at, v.id`,
    models: (projectId) =>
      sql`
        select m.id as model_id, m.name, m.input_kind, m.input_name, m.preprocessing, m.class_names, m.outputs,
          m.size_bytes::float8 as size_bytes, encode(m.sha256, 'hex') as sha256, m.created_at, m.storage_path
        from assay.models m
        where m.project_id = ${projectId} and m.state = 'ready' and m.deleted_at is null
        order by m.created_at, m.id`,
    audits: (projectId) =>
      sql`
        select a.id as audit_id, a.run_id, a.revision_id, a.n_asked, a.seed, a.n_reviewed, a.n_confirmed, a.bins, a.strata, a.created_at,
          coalesce((
            select jsonb_agg(jsonb_build_object('sample_key', d.sample_key, 'split', d.split, 'given_label', d.given_label, 'bin', d.bin)
              order by d.position)
            from assay.audit_samples d where d.audit_id = a.id), '[]') as samples
        from assay.audits a
        where a.project_id = ${projectId} and not exists (select from assay.deletions x where x.subject_id = a.run_id)
        order by a.created_at, a.id`,
    runs: (projectId) =>
      sql`
        select r.id as run_id, r.dataset_id, r.dataset_version_id, r.name, r.attempt, r.task_type, r.label_names, r.writers,
          r.metadata_schema, r.state, r.incomplete, r.created_at, r.closed_at, v.id as revision_id, v.number as revision_number,
          v.published_at, v.settings, v.summary, v.n_samples, v.columns_path
        from assay.runs r left join assay.revisions v on v.id = r.published_revision_id
        where r.project_id = ${projectId} and not exists (select from assay.deletions x where x.subject_id = r.id)
        order by r.created_at, r.id`,
    parts: (projectId) =>
      sql`
        select p.id as part_id, p.run_id, p.part_kind, p.split, p.inference_name, p.epoch, p.writer, p.generation, p.seq, p.prediction_kind,
          p.content_type, p.content_encoding, p.size_bytes::float8 as size_bytes, encode(p.sha256, 'hex') as sha256, p.created_at,
          p.storage_path
        from assay.parts p join assay.runs r on r.id = p.run_id
        where p.project_id = ${projectId} and r.parts_expired_at is null
          and not exists (select from assay.deletions x where x.subject_id = p.run_id)
        order by r.created_at, p.run_id, p.part_kind desc, p.split, p.epoch, p.writer collate "C", p.generation, p.seq`,
    async countSamples(projectId) {
      const [row] = await sql`
        select count(*)::int as n from assay.samples where project_id = ${projectId}`;
      return row!.n;
    },
    samples: (projectId) =>
      pages(
        "samples",
        "id, dataset_id, sample_id, encode(content_hash, 'hex') as content_hash, text_preview, metadata, content_path, content_offset, content_bytes",
        { column: "project_id", id: projectId },
        ["id"],
      ),
    labels: (id) =>
      pages(
        "dataset_version_samples",
        "split, sample_key, given_label",
        { column: "dataset_version_id", id },
        ["split", "sample_key"],
      ),
    results: (id) =>
      pages("sample_results", "*", { column: "revision_id", id }, [
        "rank",
        "split",
        "sample_key",
      ]),
    about: (id, table) =>
      pages(
        table,
        "*",
        { column: "revision_id", id },
        REVISION_TABLES[table],
      ),
  };
}
