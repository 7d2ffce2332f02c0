-- Views for people: Supabase Studio, SQL, and the API read the same ones. All run with the reader's rights.

-- The latest verdict about each content; a cleared one is gone.
create view assay.current_verdicts with (security_invoker = true) as
select * from (
  select distinct on (v.dataset_id, v.sample_id, v.content_hash)
    v.id as verdict_id, v.project_id, v.dataset_id, v.sample_id, v.content_hash,
    v.verdict, v.label, v.comment, v.run_id, v.reviewer_id, v.key_id, v.created_at
  from assay.verdicts v
  order by v.dataset_id, v.sample_id, v.content_hash, v.created_at desc, v.id
) latest
where latest.verdict <> 'clear';

-- Jobs with where they stand.
create view assay.job_status with (security_invoker = true) as
select
  j.id as job_id, j.project_id, j.run_id, j.job_kind, j.state, j.stage, j.fraction,
  coalesce((select max(t.attempts) from assay.tasks t where t.job_id = j.id), 0) as attempts,
  j.device, j.error_code, j.error, j.created_at, j.started_at, j.finished_at, j.stage_seconds
from assay.jobs j;

-- Runs with their latest job and what the published revision found.
create view assay.run_overview with (security_invoker = true) as
select
  r.id as run_id, r.project_id, p.name as project, r.dataset_id, d.name as dataset, r.name, r.attempt,
  r.state, r.incomplete, r.label_names, j.id as job_id, j.state as job_state,
  v.id as revision_id, v.number as revision_number, v.summary, r.created_at
from assay.runs r
join assay.projects p on p.id = r.project_id
join assay.datasets d on d.id = r.dataset_id
left join assay.revisions v on v.id = r.published_revision_id
left join lateral (
  select j.id, j.state from assay.jobs j where j.run_id = r.id order by j.created_at desc, j.id limit 1
) j on true;

-- Every sample of each run's published revision, with reason, suggestion and what a person said. In no order, so that a page of it is read by index.
create view assay.ranked_samples with (security_invoker = true) as
select
  r.id as run_id, r.project_id, r.name as run, r.attempt, r.dataset_id, x.rank, s.sample_id, x.split, s.text_preview, s.metadata,
  r.label_names[x.given_label + 1] as given_label,
  r.label_names[x.predicted_label + 1] as predicted_label,
  r.label_names[x.suggested_label + 1] as suggested_label,
  x.issue_type, x.issue_types, x.reason,
  x.mislabeled_score, x.mislabeled_probability, x.data_error_potential, x.outlier_score, x.hardness,
  c.verdict, c.label as verdict_label, x.revision_id, x.sample_key, s.content_hash, r.created_at as run_created_at
from assay.runs r
join assay.sample_results x on x.revision_id = r.published_revision_id
join assay.samples s on s.id = x.sample_key
left join lateral (
  select v.verdict, v.label from assay.verdicts v
  where v.dataset_id = s.dataset_id and v.sample_id = s.sample_id and v.content_hash = s.content_hash
  order by v.created_at desc, v.id limit 1
) c on c.verdict <> 'clear';

-- The same for people: newest run first, in it the worst first.
create view assay.sample_review with (security_invoker = true) as
select * from assay.ranked_samples s order by s.run_created_at desc, s.run_id, s.rank;

-- Quality of each class in each run's published revision.
create view assay.class_quality with (security_invoker = true) as
select
  r.id as run_id, r.project_id, r.name as run, r.attempt, c.split, r.label_names[c.label + 1] as label,
  c.n_given, c.n_predicted, c.n_mislabeled, c."precision", c.recall, c.f1, c.mean_data_error_potential
from assay.runs r
join assay.class_reports c on c.revision_id = r.published_revision_id;

-- Which given label hides which other one, most flagged first.
create view assay.label_confusions with (security_invoker = true) as
select
  r.id as run_id, r.project_id, r.name as run, r.attempt, c.split,
  r.label_names[c.given_label + 1] as given_label,
  r.label_names[c.suggested_label + 1] as suggested_label,
  c.n_flagged, c.share_of_given
from assay.runs r
join assay.class_pairs c on c.revision_id = r.published_revision_id
order by c.n_flagged desc;

grant select on assay.current_verdicts, assay.job_status, assay.run_overview, assay.ranked_samples, assay.sample_review,
  assay.class_quality, assay.label_confusions to authenticated;
