-- A run is scored again: by other thresholds, with what people said since, or by a stored model.
alter table assay.jobs drop constraint jobs_job_kind_check;
alter table assay.jobs add constraint jobs_job_kind_check
  check (job_kind in ('score_run', 'rescore_run', 'export_project', 'delete_run', 'delete_dataset', 'delete_project'));

-- One job at a time gives a run its results, of whichever kind.
create unique index jobs_one_open_scoring_idx on assay.jobs (run_id)
  where job_kind in ('score_run', 'rescore_run') and state in ('queued', 'running');
drop index assay.jobs_one_open_score_run_idx;

-- Who asks twice with one key gets the same jobs.
create index jobs_idempotency_key_idx on assay.jobs (project_id, (request ->> 'idempotency_key'))
  where request ->> 'idempotency_key' is not null;

-- Asks for a job with its first task and doorbell, or finds the open one that scores the same run, whichever of the two kinds it is; the caller
-- looks. Runs under the caller's policies.
create or replace function assay.enqueue_job(p_run_id uuid, p_job_kind text, p_stage text, p_request jsonb default '{}')
returns table (job_id uuid, task_id uuid)
language plpgsql set search_path = ''
as $$
declare
  v_project uuid;
  v_job uuid;
  v_task uuid;
begin
  select r.project_id into v_project from assay.runs r where r.id = p_run_id;
  if not found then
    raise exception 'Cannot enqueue job: run not found' using errcode = 'no_data_found';
  end if;
  insert into assay.jobs (project_id, run_id, job_kind, stage, pending_tasks, request, created_by)
  values (v_project, p_run_id, p_job_kind, p_stage, 1, p_request, assay.user_id())
  on conflict (run_id) where job_kind in ('score_run', 'rescore_run') and state in ('queued', 'running') do nothing
  returning id into v_job;
  if v_job is null then
    return query
      select j.id, null::uuid from assay.jobs j
      where j.run_id = p_run_id and j.job_kind in ('score_run', 'rescore_run') and j.state in ('queued', 'running');
    return;
  end if;
  insert into assay.tasks (job_id, project_id, stage) values (v_job, v_project, p_stage) returning id into v_task;
  insert into assay.outbox (task_id, project_id) values (v_task, v_project);
  return query select v_job, v_task;
end
$$;

-- Files that a scoring read and made, for the next one: {"version", "signals_paths", "views_paths", "graphs_paths"}; null: kept no longer.
alter table assay.revisions add column kept jsonb;

grant select on assay.current_verdicts to assay_worker;

-- What each revision of a run is, the one that readers follow among them.
create view assay.revision_overview with (security_invoker = true) as
select
  v.id as revision_id, v.project_id, v.run_id, v.number, v.parent_id, v.job_id, j.job_kind,
  coalesce(v.settings -> 'thresholds', '{}') as thresholds, (v.settings ->> 'n_verdicts')::int as n_verdicts,
  v.settings ->> 'model_id' as model_id, v.summary, v.n_samples, v.created_at, v.published_at, r.published_revision_id = v.id as is_current
from assay.revisions v
join assay.runs r on r.id = v.run_id
join assay.jobs j on j.id = v.job_id
where v.published_at is not null;

-- Every sample of every revision; the one that readers follow is in ranked_samples. In no order.
create view assay.revision_samples with (security_invoker = true) as
select
  r.id as run_id, r.project_id, r.name as run, r.attempt, r.dataset_id, x.rank, s.sample_id, x.split, s.text_preview, s.metadata,
  r.label_names[x.given_label + 1] as given_label,
  r.label_names[x.predicted_label + 1] as predicted_label,
  r.label_names[x.suggested_label + 1] as suggested_label,
  x.issue_type, x.issue_types, x.reason,
  x.mislabeled_score, x.mislabeled_probability, x.data_error_potential, x.outlier_score, x.hardness,
  c.verdict, c.label as verdict_label, x.revision_id, x.sample_key, s.content_hash, r.created_at as run_created_at
from assay.revisions v
join assay.runs r on r.id = v.run_id
join assay.sample_results x on x.revision_id = v.id
join assay.samples s on s.id = x.sample_key
left join lateral (
  select d.verdict, d.label from assay.verdicts d
  where d.dataset_id = s.dataset_id and d.sample_id = s.sample_id and d.content_hash = s.content_hash
  order by d.created_at desc, d.id limit 1
) c on c.verdict <> 'clear';

-- Samples that two revisions of a run say different things about. Name both revisions: there is one row for each pair of them.
create view assay.revision_changes with (security_invoker = true) as
select
  v.project_id, v.run_id, o.id as from_revision_id, v.id as to_revision_id, x.sample_key, s.sample_id, x.split, s.text_preview,
  r.label_names[x.given_label + 1] as given_label,
  y.rank as rank_before, x.rank as rank_after,
  y.issue_types as issue_types_before, x.issue_types as issue_types_after,
  r.label_names[y.suggested_label + 1] as suggested_label_before,
  r.label_names[x.suggested_label + 1] as suggested_label_after,
  y.mislabeled_score as mislabeled_score_before, x.mislabeled_score as mislabeled_score_after,
  y.mislabeled_probability as mislabeled_probability_before, x.mislabeled_probability as mislabeled_probability_after,
  x.reason
from assay.revisions v
join assay.runs r on r.id = v.run_id
join assay.revisions o on o.run_id = v.run_id and o.id <> v.id
join assay.sample_results x on x.revision_id = v.id
join assay.sample_results y on y.revision_id = o.id and y.split = x.split and y.sample_key = x.sample_key
join assay.samples s on s.id = x.sample_key
where y.rank <> x.rank or y.issue_types <> x.issue_types or y.suggested_label is distinct from x.suggested_label
  or y.mislabeled_probability is distinct from x.mislabeled_probability;

grant select on assay.revision_overview, assay.revision_samples, assay.revision_changes to authenticated;
