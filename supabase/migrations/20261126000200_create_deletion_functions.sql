-- Hides something, ends the jobs about it, and frees its name for a new one.
create function assay.mark_deleted(p_subject text, p_id uuid, p_project_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_round int;
begin
  for v_round in 1..2 loop -- jobs before runs, as everywhere; then those that a run was given meanwhile
    perform assay.cancel_job(j.id) from (
      select j.id from assay.jobs j
      where j.state in ('queued', 'running')
        and case p_subject
              when 'run' then j.run_id = p_id
              when 'dataset' then j.run_id in (select r.id from assay.runs r where r.dataset_id = p_id)
              else j.project_id = p_id and j.job_kind <> 'delete_project'
            end
      order by j.id
    ) j;
    exit when v_round = 2;
    with hidden as (
      update assay.runs r
      set state = 'closed', closed_at = coalesce(r.closed_at, now()), name = 'deleted ' || gen_random_uuid()
      where ((p_subject = 'run' and r.id = p_id) or (p_subject = 'dataset' and r.dataset_id = p_id))
        and not exists (select from assay.deletions d where d.subject_id = r.id)
      returning r.id
    )
    insert into assay.deletions (subject_id, subject, project_id)
    select h.id, 'run', p_project_id from hidden h
    on conflict do nothing;
    continue when p_subject = 'run';
    insert into assay.deletions (subject_id, subject, project_id) values (p_id, p_subject, p_project_id)
    on conflict do nothing;
    if p_subject = 'project' then
      update assay.api_keys k set revoked_at = now() where k.project_id = p_id and k.revoked_at is null;
    elsif found then
      update assay.datasets d set name = 'deleted ' || gen_random_uuid() where d.id = p_id;
    end if;
  end loop;
end
$$;

-- Asks for the job that removes what was deleted, or finds the open one.
create function assay.enqueue_deletion(p_subject text, p_id uuid, p_project_id uuid)
returns table (job_id uuid, task_id uuid)
language plpgsql security definer set search_path = ''
as $$
declare
  v_job uuid;
  v_task uuid;
begin
  insert into assay.jobs (project_id, job_kind, stage, pending_tasks, request, created_by)
  values (p_project_id, 'delete_' || p_subject, 'delete', 1, jsonb_build_object('subject_id', p_id), auth.uid())
  on conflict ((request ->> 'subject_id'))
    where job_kind in ('delete_run', 'delete_dataset', 'delete_project') and state in ('queued', 'running') do nothing
  returning id into v_job;
  if v_job is null then
    return query select j.id, null::uuid from assay.jobs j
      where j.request ->> 'subject_id' = p_id::text and j.job_kind = 'delete_' || p_subject and j.state in ('queued', 'running');
    return;
  end if;
  insert into assay.tasks (job_id, project_id, stage) values (v_job, p_project_id, 'delete') returning id into v_task;
  insert into assay.outbox (task_id, project_id) values (v_task, p_project_id);
  return query select v_job, v_task;
end
$$;

-- Deletes a run, a dataset or a project for the caller. No row: there is none, or it was deleted before.
create function assay.delete_subject(p_subject text, p_id uuid)
returns table (job_id uuid, task_id uuid)
language plpgsql security definer set search_path = ''
as $$
declare
  v_project uuid;
begin
  v_project := case p_subject
    when 'run' then (select r.project_id from assay.runs r where r.id = p_id)
    when 'dataset' then (select d.project_id from assay.datasets d where d.id = p_id)
    when 'project' then (select p.id from assay.projects p where p.id = p_id)
  end;
  if v_project is null or exists (select from assay.deletions d where d.subject_id = p_id) then return; end if;
  if not v_project = any (array(select assay.project_ids(case p_subject when 'run' then 'write' else 'admin' end))) then
    raise exception 'Cannot delete %: not allowed in this project', p_subject using errcode = '42501';
  end if;
  perform assay.mark_deleted(p_subject, p_id, v_project);
  return query select * from assay.enqueue_deletion(p_subject, p_id, v_project);
end
$$;

-- Asks again for deletions whose job has failed or was lost. Returns how many.
create function assay.sweep_deletions() returns int
language sql security definer set search_path = ''
as $$
  select count(e.task_id)::int
  from assay.deletions d
  join assay.projects p on p.id = d.project_id
  cross join lateral assay.enqueue_deletion(d.subject, d.subject_id, d.project_id) e
  where d.ended_at is null
    and not exists ( -- what holds it is being deleted
      select from assay.deletions o
      where o.ended_at is null and (
        (o.subject = 'project' and d.subject <> 'project' and o.subject_id = d.project_id)
        or (o.subject = 'dataset' and d.subject = 'run'
            and o.subject_id = (select r.dataset_id from assay.runs r where r.id = d.subject_id)))
    )
$$;

-- Removes some rows of what is being deleted, the largest tables first; returns how many, 0 when only its own row is left.
-- A sample goes with the last dataset version that has it, unless somebody has judged it.
create function assay.purge(p_subject text, p_id uuid, p_limit int default 5000) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_table text;
  v_runs uuid[];
  v_versions uuid[];
  v_keys bigint[];
  v_n int;
begin
  if not exists (select from assay.deletions d where d.subject_id = p_id and d.subject = p_subject and d.ended_at is null) then
    return 0;
  end if;
  perform assay.mark_deleted(p_subject, p_id, d.project_id) from assay.deletions d where d.subject_id = p_id;

  if p_subject = 'project' then
    foreach v_table in array array['sample_neighbours', 'sample_issues', 'sample_results', 'row_problems', 'class_reports',
      'class_pairs', 'verdicts', 'dataset_version_samples', 'parts', 'samples', 'revisions', 'writers'] loop
      execute format(
        'delete from assay.%I where ctid = any (array(select t.ctid from assay.%I t where t.project_id = $1 limit $2))',
        v_table, v_table) using p_id, p_limit;
      get diagnostics v_n = row_count;
      if v_n > 0 then return v_n; end if;
    end loop;
    return 0;
  end if;

  v_runs := array(select r.id from assay.runs r where r.id = p_id or r.dataset_id = p_id);
  foreach v_table in array array['sample_neighbours', 'sample_issues', 'sample_results', 'row_problems', 'class_reports',
    'class_pairs'] loop
    execute format(
      'delete from assay.%I where ctid = any (array(
         select t.ctid from assay.%I t join assay.revisions r on r.id = t.revision_id where r.run_id = any ($1) limit $2))',
      v_table, v_table) using v_runs, p_limit;
    get diagnostics v_n = row_count;
    if v_n > 0 then return v_n; end if;
  end loop;
  foreach v_table in array array['parts', 'revisions', 'writers', 'jobs'] loop
    execute format(
      'delete from assay.%I where ctid = any (array(select t.ctid from assay.%I t where t.run_id = any ($1) limit $2))',
      v_table, v_table) using v_runs, p_limit;
    get diagnostics v_n = row_count;
    if v_n > 0 then return v_n; end if;
  end loop;

  if p_subject = 'dataset' then
    v_versions := array(select v.id from assay.dataset_versions v where v.dataset_id = p_id);
  else
    v_versions := array(
      select r.dataset_version_id from assay.runs r
      where r.id = p_id and r.dataset_version_id is not null
        and not exists (
          select from assay.runs o
          where o.dataset_version_id = r.dataset_version_id and o.id not in (select d.subject_id from assay.deletions d where d.ended_at is null))
        and not exists (select from assay.dataset_versions c where c.parent_id = r.dataset_version_id)
    );
  end if;
  with gone as (
    delete from assay.dataset_version_samples where ctid = any (array(
      select t.ctid from assay.dataset_version_samples t where t.dataset_version_id = any (v_versions) limit p_limit))
    returning sample_key
  )
  select array_agg(distinct g.sample_key) into v_keys from gone g;
  if v_keys is not null then
    if p_subject = 'run' then
      delete from assay.samples s
      where s.id = any (v_keys)
        and not exists (select from assay.dataset_version_samples o where o.sample_key = s.id)
        and not exists (
          select from assay.verdicts v
          where v.dataset_id = s.dataset_id and v.sample_id = s.sample_id and v.content_hash = s.content_hash);
    end if;
    return cardinality(v_keys);
  end if;

  if p_subject = 'run' and not exists (
    select from assay.jobs j join assay.runs o on o.id = j.run_id
    where j.state in ('queued', 'running') and o.dataset_id = (select r.dataset_id from assay.runs r where r.id = p_id)
  ) then -- what jobs wrote that ended before they noted a version
    delete from assay.samples where id = any (array(
      select s.id from assay.samples s
      where s.dataset_id = (select r.dataset_id from assay.runs r where r.id = p_id)
        and not exists (select from assay.dataset_version_samples o where o.sample_key = s.id)
        and not exists (
          select from assay.verdicts v
          where v.dataset_id = s.dataset_id and v.sample_id = s.sample_id and v.content_hash = s.content_hash)
      limit p_limit));
    get diagnostics v_n = row_count;
    if v_n > 0 then return v_n; end if;
  end if;
  if p_subject = 'dataset' then
    foreach v_table in array array['verdicts', 'samples'] loop
      execute format(
        'delete from assay.%I where ctid = any (array(select t.ctid from assay.%I t where t.dataset_id = $1 limit $2))',
        v_table, v_table) using p_id, p_limit;
      get diagnostics v_n = row_count;
      if v_n > 0 then return v_n; end if;
    end loop;
  end if;
  delete from assay.dataset_versions v where v.id = any (v_versions);
  get diagnostics v_n = row_count;
  return v_n;
end
$$;

-- Removes the row of what was deleted, when nothing else of it is left, and what little hangs on it.
create function assay.end_deletion(p_subject text, p_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if not exists (select from assay.deletions d where d.subject_id = p_id and d.subject = p_subject and d.ended_at is null) then
    return;
  end if;
  update assay.deletions d set ended_at = now()
  where d.ended_at is null
    and (d.subject_id = p_id or (p_subject = 'dataset' and d.subject_id in (select r.id from assay.runs r where r.dataset_id = p_id)));
  case p_subject
    when 'run' then delete from assay.runs r where r.id = p_id;
    when 'dataset' then delete from assay.datasets d where d.id = p_id;
    when 'project' then
      delete from assay.deletions d where d.project_id = p_id and d.subject <> 'project';
      delete from assay.projects p where p.id = p_id;
  end case;
end
$$;

do $$
declare
  v_function record;
begin
  for v_function in
    select p.oid::regprocedure as signature, p.proname as name
    from pg_proc p where p.pronamespace = 'assay'::regnamespace
      and p.proname in ('mark_deleted', 'enqueue_deletion', 'delete_subject', 'sweep_deletions', 'purge', 'end_deletion')
  loop
    execute format('revoke all on function %s from public', v_function.signature);
    if v_function.name = 'delete_subject' then
      execute format('grant execute on function %s to assay_edge', v_function.signature);
    elsif v_function.name in ('sweep_deletions', 'purge', 'end_deletion') then
      execute format('grant execute on function %s to assay_worker', v_function.signature);
    end if;
  end loop;
end $$;
