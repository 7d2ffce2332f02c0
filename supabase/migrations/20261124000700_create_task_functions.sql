-- All of these lock the job's row before its tasks: two that met in the other order would end one another.

-- Asks for a job with its first task and doorbell, or finds the open one of the same run. Runs under the caller's policies.
create function assay.enqueue_job(p_run_id uuid, p_job_kind text, p_stage text, p_request jsonb default '{}')
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
  on conflict (run_id) where job_kind = 'score_run' and state in ('queued', 'running') do nothing
  returning id into v_job;
  if v_job is null then
    return query
      select j.id, null::uuid from assay.jobs j
      where j.run_id = p_run_id and j.job_kind = p_job_kind and j.state in ('queued', 'running');
    return;
  end if;
  insert into assay.tasks (job_id, project_id, stage) values (v_job, v_project, p_stage) returning id into v_task;
  insert into assay.outbox (task_id, project_id) values (v_task, v_project);
  return query select v_job, v_task;
end
$$;

-- Leases one task. outcome: claimed; held (by another, or backing off: ask again in retry_after_seconds); closed; gone.
create function assay.claim_task(p_task_id uuid, p_lease_seconds int, p_worker text, p_device text)
returns table (
  outcome text, task_id uuid, job_id uuid, project_id uuid, run_id uuid, job_kind text, request jsonb,
  stage text, shard int, payload jsonb, attempts int, max_attempts int, lease_token uuid, retry_after_seconds int
)
language plpgsql set search_path = ''
as $$
declare
  v_task assay.tasks;
begin
  perform from assay.jobs j where j.id = (select t.job_id from assay.tasks t where t.id = p_task_id) for update;
  update assay.tasks t
  set state = 'running',
      attempts = t.attempts + 1,
      lease_token = gen_random_uuid(),
      lease_until = now() + make_interval(secs => p_lease_seconds),
      worker = p_worker
  where t.id = p_task_id
    and t.attempts < t.max_attempts
    and ((t.state = 'queued' and t.run_after <= now()) or (t.state = 'running' and t.lease_until < now()))
  returning t.* into v_task;
  if found then
    update assay.jobs j set state = 'running', started_at = coalesce(j.started_at, now()), device = p_device
    where j.id = v_task.job_id and j.state in ('queued', 'running');
    return query
      select 'claimed'::text, v_task.id, j.id, j.project_id, j.run_id, j.job_kind, j.request,
             v_task.stage, v_task.shard, v_task.payload, v_task.attempts, v_task.max_attempts, v_task.lease_token, null::int
      from assay.jobs j where j.id = v_task.job_id;
    return;
  end if;
  select t.* into v_task from assay.tasks t where t.id = p_task_id;
  outcome := case
    when not found then 'gone'
    when v_task.state in ('queued', 'running') then 'held'
    else 'closed'
  end;
  task_id := p_task_id;
  if outcome = 'held' then
    retry_after_seconds := greatest(1, ceil(extract(epoch from
      (case v_task.state when 'queued' then v_task.run_after else v_task.lease_until end) - now()))::int);
  end if;
  return next;
end
$$;

-- Extends a lease and notes the job's progress. False: the lease is gone, or the job was cancelled; stop.
create function assay.extend_lease(p_task_id uuid, p_lease_token uuid, p_lease_seconds int, p_fraction real)
returns boolean
language plpgsql set search_path = ''
as $$
declare
  v_job uuid;
begin
  select t.job_id into v_job from assay.tasks t where t.id = p_task_id;
  perform from assay.jobs j where j.id = v_job for update;
  update assay.tasks t set lease_until = now() + make_interval(secs => p_lease_seconds)
  where t.id = p_task_id and t.lease_token = p_lease_token and t.state = 'running';
  if not found then return false; end if;
  update assay.jobs j set fraction = greatest(j.fraction, least(p_fraction, 0.99))
  where j.id = v_job and j.state = 'running' and j.fraction < p_fraction;
  return true;
end
$$;

-- Completes a task, fenced by its lease token; the last of its stage opens the next one, or ends the job and publishes.
-- completed is false when the lease was lost: nothing was written.
create function assay.complete_task(
  p_task_id uuid, p_lease_token uuid, p_result jsonb,
  p_next_stage text default null, p_next_payloads jsonb default null, p_revision_id uuid default null
)
returns table (completed boolean, next_task_ids uuid[])
language plpgsql set search_path = ''
as $$
declare
  v_job assay.jobs;
  v_ids uuid[] := '{}';
begin
  -- The job's row first: two last tasks at once must not both leave the next stage to the other.
  select j.* into v_job from assay.jobs j
  where j.id = (select t.job_id from assay.tasks t where t.id = p_task_id)
  for update;
  update assay.tasks t
  set state = 'succeeded', result = p_result, lease_token = null, lease_until = null, last_error = null
  where t.id = p_task_id and t.lease_token = p_lease_token and t.state = 'running' and v_job.state = 'running';
  if not found then
    return query select false, v_ids;
    return;
  end if;
  if v_job.pending_tasks > 1 then
    update assay.jobs j set pending_tasks = j.pending_tasks - 1 where j.id = v_job.id;
    return query select true, v_ids;
    return;
  end if;
  if p_revision_id is not null then
    -- The one statement that makes results visible.
    with published as (
      update assay.revisions r
      set published_at = now(),
          number = 1 + coalesce((select max(o.number) from assay.revisions o where o.run_id = r.run_id), 0)
      where r.id = p_revision_id and r.job_id = v_job.id and r.published_at is null
      returning r.id, r.run_id
    )
    update assay.runs u set published_revision_id = p.id from published p where u.id = p.run_id;
    if not found then
      raise exception 'Cannot publish revision %: it is not an unpublished one of this job', p_revision_id;
    end if;
  end if;
  if p_next_stage is null then
    update assay.jobs j
    set state = 'succeeded', pending_tasks = 0, fraction = 1, finished_at = now(),
        stage_seconds = j.stage_seconds || jsonb_build_object(j.stage, round(extract(epoch from now() - j.stage_started_at)::numeric, 3))
    where j.id = v_job.id;
  else
    with made as (
      insert into assay.tasks (job_id, project_id, stage, shard, payload)
      select v_job.id, v_job.project_id, p_next_stage, (n.position - 1)::int, n.payload
      from jsonb_array_elements(coalesce(p_next_payloads, '[{}]')) with ordinality as n (payload, position)
      returning id, project_id
    ), rung as (
      insert into assay.outbox (task_id, project_id) select m.id, m.project_id from made m
    )
    select array_agg(m.id) into v_ids from made m;
    update assay.jobs j
    set stage = p_next_stage, pending_tasks = cardinality(v_ids), stage_started_at = now(),
        stage_seconds = j.stage_seconds || jsonb_build_object(j.stage, round(extract(epoch from now() - j.stage_started_at)::numeric, 3))
    where j.id = v_job.id;
  end if;
  return query select true, v_ids;
end
$$;

-- Puts a task back with a back-off, or fails its job for good. outcome: requeued, failed, or lost (the lease was gone; nothing written).
create function assay.fail_task(
  p_task_id uuid, p_lease_token uuid, p_error_code text, p_error text, p_retryable boolean
)
returns text
language plpgsql set search_path = ''
as $$
declare
  v_job uuid;
  v_task assay.tasks;
  v_delay int;
begin
  select t.job_id into v_job from assay.tasks t where t.id = p_task_id;
  perform from assay.jobs j where j.id = v_job for update;
  select t.* into v_task from assay.tasks t
  where t.id = p_task_id and t.lease_token = p_lease_token and t.state = 'running' for update;
  if not found then return 'lost'; end if;
  if p_retryable and v_task.attempts < v_task.max_attempts then
    v_delay := least(60, 2 ^ v_task.attempts)::int;
    update assay.tasks t
    set state = 'queued', lease_token = null, lease_until = null, last_error = p_error,
        run_after = now() + make_interval(secs => v_delay)
    where t.id = p_task_id;
    insert into assay.outbox (task_id, project_id, delay_seconds) values (p_task_id, v_task.project_id, v_delay);
    return 'requeued';
  end if;
  update assay.tasks t set state = 'failed', lease_token = null, lease_until = null, last_error = p_error
  where t.id = p_task_id;
  update assay.tasks t set state = 'cancelled', lease_token = null, lease_until = null
  where t.job_id = v_job and t.state in ('queued', 'running');
  update assay.jobs j set state = 'failed', error_code = p_error_code, error = p_error, finished_at = now()
  where j.id = v_job and j.state in ('queued', 'running');
  return 'failed';
end
$$;

-- Gives a task back, with its attempt: whoever held it was told to stop. False: the lease was gone; nothing written.
create function assay.release_task(p_task_id uuid, p_lease_token uuid)
returns boolean
language plpgsql set search_path = ''
as $$
declare
  v_project uuid;
begin
  perform from assay.jobs j where j.id = (select t.job_id from assay.tasks t where t.id = p_task_id) for update;
  update assay.tasks t
  set state = 'queued', attempts = t.attempts - 1, lease_token = null, lease_until = null, run_after = now()
  where t.id = p_task_id and t.lease_token = p_lease_token and t.state = 'running'
  returning t.project_id into v_project;
  if not found then return false; end if;
  insert into assay.outbox (task_id, project_id) values (p_task_id, v_project);
  return true;
end
$$;

-- Cancels a job and its open tasks; the worker notices at its next heartbeat. False: it had ended already.
create function assay.cancel_job(p_job_id uuid) returns boolean
language plpgsql set search_path = ''
as $$
begin
  update assay.jobs j set state = 'cancelled', finished_at = now()
  where j.id = p_job_id and j.state in ('queued', 'running');
  if not found then return false; end if;
  update assay.tasks t set state = 'cancelled', lease_token = null, lease_until = null
  where t.job_id = p_job_id and t.state in ('queued', 'running');
  return true;
end
$$;

-- Repairs what a dead process left: expired leases, used-up attempts, jobs without an open task, silent runs.
-- Returns how many of each; what must be rung for again is in the outbox afterwards.
create function assay.sweep(p_ring_after_seconds int default 60, p_silent_hours int default 24)
returns table (requeued int, failed int, repaired int, rung int, closed_runs int)
language plpgsql set search_path = ''
as $$
declare
  v_task record;
  v_run record;
begin
  requeued := 0; failed := 0; repaired := 0; rung := 0; closed_runs := 0;
  for v_task in
    select t.id, t.job_id, t.attempts, t.max_attempts from assay.tasks t
    where t.state = 'running' and t.lease_until < now()
  loop
    perform from assay.jobs j where j.id = v_task.job_id for update skip locked;
    continue when not found;
    if v_task.attempts < v_task.max_attempts then
      update assay.tasks t
      set state = 'queued', lease_token = null, lease_until = null, run_after = now(),
          last_error = coalesce(t.last_error, 'The worker that held the lease was lost')
      where t.id = v_task.id and t.state = 'running' and t.lease_until < now();
      if found then
        insert into assay.outbox (task_id, project_id) select t.id, t.project_id from assay.tasks t where t.id = v_task.id;
        requeued := requeued + 1;
      end if;
    else
      update assay.tasks t
      set state = 'failed', lease_token = null, lease_until = null,
          last_error = coalesce(t.last_error, 'The worker that held the lease was lost')
      where t.id = v_task.id and t.state = 'running' and t.lease_until < now();
      if found then
        update assay.tasks t set state = 'cancelled', lease_token = null, lease_until = null
        where t.job_id = v_task.job_id and t.state in ('queued', 'running');
        update assay.jobs j
        set state = 'failed', finished_at = now(), error_code = 'internal',
            error = 'Cannot finish job: a task was lost ' || v_task.attempts || ' times, each time with its worker'
        where j.id = v_task.job_id and j.state in ('queued', 'running');
        failed := failed + 1;
      end if;
    end if;
  end loop;

  -- A job that is open without an open task cannot go on by itself: open the stage's tasks again.
  with broken as (
    select j.id, j.project_id, j.stage from assay.jobs j
    where j.state in ('queued', 'running')
      and not exists (select from assay.tasks t where t.job_id = j.id and t.state in ('queued', 'running'))
    for update skip locked
  ), reopened as (
    update assay.tasks t set state = 'queued', attempts = 0, run_after = now(), result = null
    from broken b where t.job_id = b.id and t.stage = b.stage
    returning t.job_id
  ), counted as (
    select r.job_id, count(*)::int as n from reopened r group by r.job_id
  ), reset as (
    update assay.jobs j set pending_tasks = c.n from counted c where j.id = c.job_id returning j.id
  )
  select count(*)::int into repaired from reset;

  -- Ring again for what is ready and was not rung for lately.
  with due as (
    select t.id, t.project_id from assay.tasks t
    where t.state = 'queued' and t.run_after <= now()
      and coalesce(t.rung_at, t.created_at) < now() - make_interval(secs => p_ring_after_seconds)
      and not exists (select from assay.outbox o where o.task_id = t.id and o.sent_at is null)
    for update skip locked
  ), marked as (
    update assay.tasks t set rung_at = now() from due d where t.id = d.id
  ), written as (
    insert into assay.outbox (task_id, project_id) select d.id, d.project_id from due d returning 1
  )
  select count(*)::int into rung from written;
  delete from assay.outbox o where o.sent_at < now() - interval '1 day';

  -- Revisions that were never published and never will be.
  delete from assay.revisions r using assay.jobs j
  where j.id = r.job_id and r.published_at is null and j.finished_at < now() - interval '10 minutes';

  -- A run that fell silent is closed with what is there.
  for v_run in
    update assay.runs r set state = 'closed', incomplete = true, closed_at = now()
    where r.state = 'open' and r.last_part_at < now() - make_interval(hours => p_silent_hours)
    returning r.id
  loop
    if exists (select from assay.parts p where p.run_id = v_run.id) then
      perform assay.enqueue_job(v_run.id, 'score_run', 'fold');
    end if;
    closed_runs := closed_runs + 1;
  end loop;
  return next;
end
$$;

-- Takes unsent doorbells to ring now; claimed for half a minute, so that two relays do not both ring. Twice is harmless.
create function assay.claim_outbox(p_limit int, p_task_ids uuid[] default null)
returns table (outbox_id bigint, task_id uuid, delay_seconds int)
language sql set search_path = ''
as $$
  update assay.outbox o set claimed_until = now() + interval '30 seconds'
  where o.id in (
    select c.id from assay.outbox c
    where c.sent_at is null and (c.claimed_until is null or c.claimed_until < now())
      and (p_task_ids is null or c.task_id = any (p_task_ids))
    order by c.id limit p_limit for update skip locked
  )
  returning o.id, o.task_id, o.delay_seconds
$$;

-- Notes that doorbells were rung.
create function assay.mark_outbox_sent(p_outbox_ids bigint[]) returns void
language sql set search_path = ''
as $$
  with sent as (
    update assay.outbox o set sent_at = now() where o.id = any (p_outbox_ids) returning o.task_id
  )
  update assay.tasks t set rung_at = now() from sent s where t.id = s.task_id
$$;

do $$
declare
  v_function record;
begin
  for v_function in
    select p.oid::regprocedure as signature, p.proname as name
    from pg_proc p where p.pronamespace = 'assay'::regnamespace
      and p.proname in ('enqueue_job', 'claim_task', 'extend_lease', 'complete_task', 'fail_task', 'release_task', 'cancel_job',
                        'sweep', 'claim_outbox', 'mark_outbox_sent')
  loop
    execute format('revoke all on function %s from public', v_function.signature);
    execute format('grant execute on function %s to assay_worker', v_function.signature);
    if v_function.name in ('enqueue_job', 'cancel_job', 'claim_outbox', 'mark_outbox_sent') then
      execute format('grant execute on function %s to assay_edge', v_function.signature);
    end if;
  end loop;
end $$;
