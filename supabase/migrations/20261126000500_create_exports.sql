-- Asks for a file of a whole project, or finds the open job that writes one. Runs under the caller's policies.
create function assay.enqueue_export(p_project_id uuid, p_stage text, p_request jsonb)
returns table (job_id uuid, task_id uuid)
language plpgsql set search_path = ''
as $$
declare
  v_job uuid;
  v_task uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended('export ' || p_project_id, 0));
  select j.id into v_job from assay.jobs j
  where j.project_id = p_project_id and j.job_kind = 'export_project' and j.state in ('queued', 'running')
    and j.request = p_request;
  if found then
    return query select v_job, null::uuid;
    return;
  end if;
  insert into assay.jobs (project_id, job_kind, stage, pending_tasks, request, created_by)
  values (p_project_id, 'export_project', p_stage, 1, p_request, assay.user_id())
  returning id into v_job;
  insert into assay.tasks (job_id, project_id, stage) values (v_job, p_project_id, p_stage) returning id into v_task;
  insert into assay.outbox (task_id, project_id) values (v_task, p_project_id);
  return query select v_job, v_task;
end
$$;
revoke all on function assay.enqueue_export(uuid, text, jsonb) from public;
grant execute on function assay.enqueue_export(uuid, text, jsonb) to assay_edge;
