-- A task that takes long notes how far it is, so that whoever takes it over goes on from there; fenced by its lease token, like its completion.
-- p_note goes into the task's payload. Where it says more than was known before, as many attempts are left from here as a task has at first:
-- a task fails of workers that were lost without a step in between, not of all that were lost in a day of work. False: the lease was gone, or the
-- job had ended; nothing written.
create function assay.checkpoint_task(p_task_id uuid, p_lease_token uuid, p_note jsonb, p_is_progress boolean)
returns boolean
language plpgsql set search_path = ''
as $$
declare
  v_job assay.jobs;
begin
  select j.* into v_job from assay.jobs j
  where j.id = (select t.job_id from assay.tasks t where t.id = p_task_id)
  for update;
  update assay.tasks t
  set payload = t.payload || p_note,
      max_attempts = case when p_is_progress then greatest(t.max_attempts, t.attempts + 4) else t.max_attempts end
  where t.id = p_task_id and t.lease_token = p_lease_token and t.state = 'running' and v_job.state = 'running';
  return found;
end
$$;
revoke all on function assay.checkpoint_task(uuid, uuid, jsonb, boolean) from public;
grant execute on function assay.checkpoint_task(uuid, uuid, jsonb, boolean) to assay_worker;
