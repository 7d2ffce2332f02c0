-- What was deleted. Hidden from everybody at once, removed by a job; its id stays, so that a late client does not bring it back.
create table assay.deletions (
  subject_id uuid primary key,
  subject    text not null check (subject in ('run', 'dataset', 'project')),
  project_id uuid not null, -- no reference: this outlives the project
  deleted_at timestamptz not null default now(),
  ended_at   timestamptz    -- when nothing of it was left
);
create index deletions_project_id_idx on assay.deletions (project_id);
create index deletions_open_idx on assay.deletions (deleted_at) where ended_at is null;
create index deletions_ended_at_idx on assay.deletions (ended_at);

alter table assay.deletions enable row level security;
grant select on assay.deletions to assay_edge, assay_worker;
create policy deletions_select_edge on assay.deletions for select to assay_edge
  using (project_id = any (array(select assay.project_ids('any'))));
create policy deletions_select_worker on assay.deletions for select to assay_worker using (true);

-- Deleting is a job of its own: it may take long, and goes on whoever dies.
alter table assay.jobs drop constraint jobs_job_kind_check;
alter table assay.jobs add constraint jobs_job_kind_check
  check (job_kind in ('score_run', 'export_project', 'delete_run', 'delete_dataset', 'delete_project'));
create unique index jobs_one_open_deletion_idx on assay.jobs ((request ->> 'subject_id'))
  where job_kind in ('delete_run', 'delete_dataset', 'delete_project') and state in ('queued', 'running');

-- Whole texts of a run that is deleted are found by their path.
create index samples_content_path_idx on assay.samples (content_path text_pattern_ops) where content_path is not null;

-- Ids that nobody sees any more, of runs, datasets, dataset_versions or jobs. Every policy asks this, once a statement.
create function assay.deleted_ids(p_table text) returns setof uuid
language plpgsql stable security definer set search_path = ''
as $$
begin
  if p_table = 'runs' then
    return query select d.subject_id from assay.deletions d where d.ended_at is null and d.subject = 'run';
  elsif p_table = 'datasets' then
    return query select d.subject_id from assay.deletions d where d.ended_at is null and d.subject = 'dataset';
  elsif p_table = 'dataset_versions' then
    return query select v.id from assay.deletions d join assay.dataset_versions v on v.dataset_id = d.subject_id
      where d.ended_at is null and d.subject = 'dataset';
  elsif p_table = 'jobs' then
    return query select j.id from assay.deletions d join assay.jobs j on j.run_id = d.subject_id
      where d.ended_at is null and d.subject = 'run';
  end if;
end
$$;
revoke all on function assay.deleted_ids(text) from public;
grant execute on function assay.deleted_ids(text) to authenticated, assay_edge;

-- As before, without projects that were deleted.
create or replace function assay.project_ids(p_scope text default 'read') returns setof uuid
language sql stable security definer set search_path = ''
as $$
  select p.project_id from (
    select m.project_id
    from assay.members m
    where m.user_id = (select auth.uid())
      and case m.role
            when 'owner' then true
            when 'editor' then p_scope <> 'admin'
            else p_scope in ('read', 'any')
          end
    union all
    select k.project_id
    from assay.api_keys k
    where k.id = (select assay.key_id())
      and k.revoked_at is null
      and (k.expires_at is null or k.expires_at > now())
      and (p_scope = 'any' or p_scope = any (k.scopes) or 'admin' = any (k.scopes)
           or (p_scope = 'read' and 'write' = any (k.scopes)))
  ) p
  where not exists (select from assay.deletions d where d.subject_id = p.project_id)
$$;

-- Restrictive: on top of whatever else lets a row be seen. Result rows are hidden with their revision.
do $$
declare
  v_table text;
  v_column text;
  v_hidden text;
begin
  for v_table, v_column, v_hidden in
    values ('runs', 'id', 'runs'), ('parts', 'run_id', 'runs'), ('writers', 'run_id', 'runs'), ('revisions', 'run_id', 'runs'),
      ('jobs', 'id', 'jobs'), ('tasks', 'job_id', 'jobs'),
      ('datasets', 'id', 'datasets'), ('samples', 'dataset_id', 'datasets'), ('dataset_versions', 'dataset_id', 'datasets'),
      ('verdicts', 'dataset_id', 'datasets'), ('dataset_version_samples', 'dataset_version_id', 'dataset_versions')
  loop
    execute format(
      'create policy %I on assay.%I as restrictive for select to authenticated, assay_edge
         using (%I <> all (array(select assay.deleted_ids(%L))))',
      v_table || '_hide_deleted', v_table, v_column, v_hidden);
  end loop;
end $$;
create policy assay_runs_hide_deleted on storage.objects as restrictive for select to authenticated
  using (
    bucket_id <> 'runs'
    or not (storage.foldername(name))[2:3] && array(
      select id::text from (select assay.deleted_ids('runs') union all select assay.deleted_ids('datasets')) as d (id))
  );

-- Nobody deletes a project's row but the job that has removed what it stands for.
drop policy projects_delete_edge on assay.projects;
revoke delete on assay.projects from assay_edge;
