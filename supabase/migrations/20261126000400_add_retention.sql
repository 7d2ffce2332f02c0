-- How long a project keeps what was logged; null: until somebody deletes it.
alter table assay.projects
  add column retention_days int check (retention_days between 1 and 36500),
  add column parts_retention_days int check (parts_retention_days between 1 and 36500);

-- Uploads of a run that its project no longer keeps: marked first, removed by the worker. Results stay, and what says how the run was logged.
alter table assay.runs
  add column parts_expired_at timestamptz,
  add column parts_removed_at timestamptz;
create index runs_parts_expired_idx on assay.runs (parts_expired_at) where parts_expired_at is not null and parts_removed_at is null;

-- Deletes runs that are older than their project keeps them, and marks uploads that are. At most p_limit of each; returns how many.
-- A run's age counts from when it was closed; one that a job works on waits.
create function assay.sweep_retention(p_limit int default 100)
returns table (runs_expired int, parts_expired int)
language plpgsql security definer set search_path = ''
as $$
declare
  v_run record;
begin
  runs_expired := 0;
  for v_run in
    select r.id, r.project_id from assay.projects p join assay.runs r on r.project_id = p.id
    where p.retention_days is not null and r.closed_at < now() - make_interval(days => p.retention_days)
      and not exists (select from assay.jobs j where j.run_id = r.id and j.state in ('queued', 'running'))
      and not exists (select from assay.deletions d where d.subject_id in (r.id, r.dataset_id, p.id))
    order by r.closed_at limit p_limit
  loop
    perform assay.mark_deleted('run', v_run.id, v_run.project_id);
    perform assay.enqueue_deletion('run', v_run.id, v_run.project_id);
    runs_expired := runs_expired + 1;
  end loop;
  with expired as (
    select r.id from assay.projects p join assay.runs r on r.project_id = p.id
    where p.parts_retention_days is not null and r.closed_at < now() - make_interval(days => p.parts_retention_days)
      and r.parts_expired_at is null
      and not exists (select from assay.jobs j where j.run_id = r.id and j.state in ('queued', 'running'))
    order by r.closed_at limit p_limit
    for update of r skip locked
  ), marked as (
    update assay.runs r set parts_expired_at = now() from expired e where r.id = e.id returning 1
  )
  select count(*)::int into parts_expired from marked;
  return next;
end
$$;
revoke all on function assay.sweep_retention(int) from public;
grant execute on function assay.sweep_retention(int) to assay_worker;
