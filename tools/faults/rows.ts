// deno-lint-ignore-file camelcase -- columns
import type { Sql } from "postgres";

/** How a run that has ended differs from an undisturbed one. */
export interface Difference {
  /** Rows that are not there. */
  readonly lost: number;
  /** Rows, parts, jobs and published revisions beyond those of an undisturbed run. */
  readonly doubled: number;
  /** What is still open. */
  readonly stuck: number;
  /** A sentence for each kind of difference. */
  readonly words: readonly string[];
}

/** Everything people can see of a run's published revision, without ids and times that differ from run to run. */
export async function publishedRows(
  sql: Sql,
  runId: string,
): Promise<string[]> {
  const samples = await sql`
    select s.sample_id, x.split, x.rank, x.given_label, x.predicted_label, x.suggested_label, x.mislabeled_score,
      x.mislabeled_probability, x.data_error_potential, x.hardness, x.confidence, x.variability, x.area_under_margin,
      x.forgetting_events, x.first_learned_epoch, x.issue_type, x.issue_types, x.reason, s.text_preview, s.metadata
    from assay.runs r join assay.sample_results x on x.revision_id = r.published_revision_id
    join assay.samples s on s.id = x.sample_key where r.id = ${runId}`;
  const issues = await sql`
    select s.sample_id, x.split, x.issue_type, x.score, x.details
    from assay.runs r join assay.sample_issues x on x.revision_id = r.published_revision_id
    join assay.samples s on s.id = x.sample_key where r.id = ${runId}`;
  const neighbours = await sql`
    select s.sample_id, x.split, x.position, n.sample_id as neighbour, x.similarity
    from assay.runs r join assay.sample_neighbours x on x.revision_id = r.published_revision_id
    join assay.samples s on s.id = x.sample_key join assay.samples n on n.id = x.neighbour_key where r.id = ${runId}`;
  const classes = await sql`
    select c.split, c.label, c.n_given, c.n_predicted, c.n_mislabeled, c."precision", c.recall, c.f1
    from assay.runs r join assay.class_reports c on c.revision_id = r.published_revision_id where r.id = ${runId}`;
  const pairs = await sql`
    select c.split, c.given_label, c.suggested_label, c.n_flagged, c.share_of_given
    from assay.runs r join assay.class_pairs c on c.revision_id = r.published_revision_id where r.id = ${runId}`;
  const summary = await sql`
    select v.summary, v.n_samples from assay.runs r join assay.revisions v on v.id = r.published_revision_id
    where r.id = ${runId}`;
  return [samples, issues, neighbours, classes, pairs, summary]
    .flatMap((rows, table) =>
      rows.map((row) => `${table} ${JSON.stringify(row)}`)
    )
    .sort();
}

/**
 * Compares a run with an undisturbed one, row by row.
 *
 * @param wanted Rows of the undisturbed run.
 * @param nParts How many parts its training sent; null: that is not known.
 * @param nScorings How often it was scored.
 */
export async function compare(
  sql: Sql,
  runId: string,
  wanted: readonly string[],
  nParts: number | null,
  nScorings: number,
): Promise<Difference> {
  const found = await publishedRows(sql, runId);
  const lost = without(wanted, found);
  const extra = without(found, wanted);
  const [row] = await sql`
    select
      (select count(*) from assay.revisions v where v.run_id = ${runId} and v.published_at is not null)::int as published_revisions,
      (select count(*) from assay.jobs j where j.run_id = ${runId})::int as jobs,
      (select count(*) from assay.jobs j where j.run_id = ${runId} and j.state <> 'succeeded')::int as open_jobs,
      (select count(*) from assay.tasks t join assay.jobs j on j.id = t.job_id
        where j.run_id = ${runId} and t.state <> 'succeeded')::int as open_tasks,
      (select count(*) from assay.runs r where r.id = ${runId} and r.incomplete)::int as incomplete_runs,
      (select count(*) from assay.parts p where p.run_id = ${runId})::int as parts`;
  const once = {
    published_revisions: row!.published_revisions - nScorings,
    jobs: row!.jobs - nScorings,
    parts: nParts === null ? 0 : row!.parts - nParts,
  };
  const words = [
    ...lost.slice(0, 3).map((text) => `lost: ${text}`),
    ...extra.slice(0, 3).map((text) => `beyond: ${text}`),
    ...Object.entries(once).filter(([, n]) => n !== 0).map(([name, n]) =>
      `${name}: ${Math.abs(n)} ${n > 0 ? "too many" : "too few"}`
    ),
    ...["open_jobs", "open_tasks", "incomplete_runs"].filter((name) =>
      row![name] > 0
    ).map((name) => `${name}: ${row![name]}`),
  ];
  const counts = Object.values(once);
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  return {
    lost: lost.length + row!.incomplete_runs +
      sum(counts.map((n) => Math.max(0, -n))),
    doubled: extra.length + sum(counts.map((n) => Math.max(0, n))),
    stuck: row!.open_jobs + row!.open_tasks,
    words,
  };
}

/** Entries of `a` that `b` has not, each as often as it is missing. */
export function without(a: readonly string[], b: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const text of b) left.set(text, (left.get(text) ?? 0) + 1);
  return a.filter((text) => {
    const n = left.get(text) ?? 0;
    left.set(text, n - 1);
    return n <= 0;
  });
}
