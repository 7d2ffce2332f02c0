// deno-lint-ignore-file camelcase -- columns
import type { Sql } from "postgres";

/** Everything people can see of a run's published revision, without ids and times that differ from run to run. */
export async function publishedRows(
  sql: Sql,
  runId: string,
): Promise<string[]> {
  const samples = await sql`
    select s.sample_id, x.split, x.rank, x.given_label, x.predicted_label, x.suggested_label, x.mislabeled_score,
      x.data_error_potential, x.hardness, x.confidence, x.variability, x.area_under_margin, x.forgetting_events,
      x.first_learned_epoch, x.issue_type, x.issue_types, x.reason, s.text_preview, s.metadata
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

/** What must be true of a run that has ended, whatever died on the way; empty if it is. */
export async function leftovers(sql: Sql, runId: string): Promise<string[]> {
  const [row] = await sql`
    select
      (select count(*) from assay.revisions v where v.run_id = ${runId} and v.published_at is not null)::int as published,
      (select count(*) from assay.jobs j where j.run_id = ${runId})::int as jobs,
      (select count(*) from assay.jobs j where j.run_id = ${runId} and j.state <> 'succeeded')::int as open_jobs,
      (select count(*) from assay.tasks t join assay.jobs j on j.id = t.job_id
        where j.run_id = ${runId} and t.state <> 'succeeded')::int as open_tasks,
      (select count(*) from assay.parts p where p.run_id = ${runId})::int as parts`;
  const wanted = {
    published: 1,
    jobs: 1,
    open_jobs: 0,
    open_tasks: 0,
    parts: 8,
  };
  return Object.entries(wanted)
    .filter(([name, n]) => row![name] !== n)
    .map(([name, n]) => `${name} is ${row![name]}, should be ${n}`);
}
