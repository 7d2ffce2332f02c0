-- What a user asked for. Done when its last stage has no open task.
create table assay.jobs (
  id            uuid primary key default gen_random_uuid(),
  project_id    uuid not null references assay.projects on delete cascade,
  run_id        uuid references assay.runs on delete cascade,
  job_kind      text not null check (job_kind in ('score_run')),
  state         text not null default 'queued'
                check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  stage         text not null,
  fraction      real not null default 0 check (fraction between 0 and 1),
  pending_tasks int not null check (pending_tasks >= 0),
  request       jsonb not null default '{}',
  stage_seconds jsonb not null default '{}',
  stage_started_at timestamptz not null default now(),
  device        text,
  error_code    text,
  error         text,
  created_by    uuid, -- user; null when a key asked, or the system did
  created_at    timestamptz not null default now(),
  started_at    timestamptz,
  finished_at   timestamptz,
  constraint jobs_finished_at_iff_ended check (
    (state in ('succeeded', 'failed', 'cancelled')) = (finished_at is not null)
  )
);
create index jobs_project_id_created_at_idx on assay.jobs (project_id, created_at desc, id);
create index jobs_run_id_idx on assay.jobs (run_id);
-- A run is scored by one job at a time: a second finish or request finds the first.
create unique index jobs_one_open_score_run_idx on assay.jobs (run_id)
  where job_kind = 'score_run' and state in ('queued', 'running');

-- One stage or shard of a job, about a minute of work. The queue message holds only the id.
create table assay.tasks (
  id           uuid primary key default gen_random_uuid(),
  job_id       uuid not null references assay.jobs on delete cascade,
  project_id   uuid not null references assay.projects on delete cascade, -- so that the policy needs no join
  stage        text not null,
  shard        int not null default 0 check (shard >= 0),
  payload      jsonb not null default '{}', -- what the stage before left for this one: ids and paths
  result       jsonb,                       -- what this task leaves for the next stage
  state        text not null default 'queued'
               check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  attempts     int not null default 0,
  max_attempts int not null default 5 check (max_attempts > 0),
  lease_token  uuid,
  lease_until  timestamptz,
  worker       text,
  run_after    timestamptz not null default now(), -- back-off after a failed attempt
  rung_at      timestamptz,                        -- when the doorbell was last rung for it
  last_error   text,
  created_at   timestamptz not null default now(),
  unique (job_id, stage, shard),
  constraint tasks_lease_iff_running check (
    (state = 'running') = (lease_token is not null and lease_until is not null)
  )
);
create index tasks_project_id_idx on assay.tasks (project_id);
create index tasks_open_idx on assay.tasks (state, run_after) where state in ('queued', 'running');

-- Doorbells to ring: written in the transaction that makes a task ready, sent afterwards, again if nobody noted that it was.
create table assay.outbox (
  id            bigint generated always as identity primary key,
  task_id       uuid not null references assay.tasks on delete cascade,
  project_id    uuid not null references assay.projects on delete cascade,
  created_at    timestamptz not null default now(),
  delay_seconds int not null default 0 check (delay_seconds >= 0),
  claimed_until timestamptz,
  sent_at       timestamptz
);
create index outbox_task_id_idx on assay.outbox (task_id);
create index outbox_project_id_idx on assay.outbox (project_id);
create index outbox_unsent_idx on assay.outbox (id) where sent_at is null;

alter table assay.jobs enable row level security;
alter table assay.tasks enable row level security;
alter table assay.outbox enable row level security;

grant select on assay.jobs, assay.tasks to authenticated;
grant select, insert on assay.jobs, assay.tasks, assay.outbox to assay_edge;
grant update (state, finished_at) on assay.jobs to assay_edge;
grant update (state, lease_token, lease_until, rung_at) on assay.tasks to assay_edge;
grant update (claimed_until, sent_at) on assay.outbox to assay_edge;
grant select, insert, update on assay.jobs, assay.tasks to assay_worker;
grant select, insert, update, delete on assay.outbox to assay_worker;

create policy jobs_select_member on assay.jobs for select to authenticated
  using (project_id = any (array(select assay.project_ids())));
create policy jobs_select_edge on assay.jobs for select to assay_edge
  using (project_id = any (array(select assay.project_ids('any'))));
create policy jobs_insert_edge on assay.jobs for insert to assay_edge
  with check (project_id = any (array(select assay.project_ids('ingest') union all select assay.project_ids('write'))));
create policy jobs_update_edge on assay.jobs for update to assay_edge
  using (project_id = any (array(select assay.project_ids('write'))))
  with check (project_id = any (array(select assay.project_ids('write'))));
create policy jobs_all_worker on assay.jobs for all to assay_worker using (true) with check (true);

create policy tasks_select_member on assay.tasks for select to authenticated
  using (project_id = any (array(select assay.project_ids())));
create policy tasks_select_edge on assay.tasks for select to assay_edge
  using (project_id = any (array(select assay.project_ids('any'))));
create policy tasks_insert_edge on assay.tasks for insert to assay_edge
  with check (project_id = any (array(select assay.project_ids('ingest') union all select assay.project_ids('write'))));
create policy tasks_update_edge on assay.tasks for update to assay_edge
  using (project_id = any (array(select assay.project_ids('ingest') union all select assay.project_ids('write'))));
create policy tasks_all_worker on assay.tasks for all to assay_worker using (true) with check (true);

create policy outbox_select_edge on assay.outbox for select to assay_edge
  using (project_id = any (array(select assay.project_ids('any'))));
create policy outbox_insert_edge on assay.outbox for insert to assay_edge
  with check (project_id = any (array(select assay.project_ids('ingest') union all select assay.project_ids('write'))));
create policy outbox_update_edge on assay.outbox for update to assay_edge
  using (project_id = any (array(select assay.project_ids('ingest') union all select assay.project_ids('write'))));
create policy outbox_all_worker on assay.outbox for all to assay_worker using (true) with check (true);
