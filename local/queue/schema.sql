-- State of the local queue. Applied by the queue itself at each start, as the owner of the schema; harmless twice.
-- Columns that came after the first version stand in `alter table`, so that what an earlier version left is taken over.
create table if not exists assay_queue.messages (
  id              text primary key,
  url             text not null,
  method          text not null,
  headers         jsonb not null,       -- to forward
  body            bytea not null,
  state           text not null default 'ACTIVE'
                  check (state in ('ACTIVE', 'DELIVERED', 'FAILED', 'CANCELLED')),
  retries         int not null,         -- most attempts after the first
  retried         int not null default 0,
  retry_delay     text,                 -- expression in ms, over `retried`
  timeout_seconds int not null,
  not_before      timestamptz not null,
  in_flight       boolean not null default false, -- cleared at start: one process serves the queue
  flow_key        text,
  flow_parallelism int,
  dedup_id        text,
  schedule_id     text,
  last_status     int,
  last_error      text,
  created_at      timestamptz not null,
  ended_at        timestamptz
);
alter table assay_queue.messages
  add column if not exists position bigint generated always as identity, -- order of arrival
  add column if not exists caller_ip text,
  add column if not exists topic_name text,
  add column if not exists endpoint_name text,
  add column if not exists queue_name text,
  add column if not exists is_started boolean not null default false, -- tried once: keeps its place in its queue while it waits
  add column if not exists flow_rate int,
  add column if not exists flow_period_seconds int,
  add column if not exists labels text[] not null default '{}',
  add column if not exists redact jsonb not null default '{"body": false, "headers": []}',
  add column if not exists callback jsonb,
  add column if not exists failure_callback jsonb,
  add column if not exists source_id text,    -- of a callback: the message it tells about
  add column if not exists source_queue text, -- of a callback: that message's queue, which waits for it
  add column if not exists last_headers jsonb,
  add column if not exists last_body bytea,
  add column if not exists is_cancel_requested boolean not null default false, -- while in flight it is too late to cancel
  add column if not exists is_dlq_removed boolean not null default false;
create unique index if not exists messages_position_idx on assay_queue.messages (position);
drop index if exists assay_queue.messages_due_idx;
create index if not exists messages_not_before_idx on assay_queue.messages (not_before, position)
  where state = 'ACTIVE' and flow_key is null and queue_name is null;
create index if not exists messages_flow_key_idx on assay_queue.messages (flow_key, not_before, position)
  where state = 'ACTIVE' and flow_key is not null;
create index if not exists messages_queue_name_idx on assay_queue.messages (queue_name, position)
  where state = 'ACTIVE' and queue_name is not null;
create index if not exists messages_source_queue_idx on assay_queue.messages (source_queue)
  where state = 'ACTIVE' and source_queue is not null;
create index if not exists messages_in_flight_idx on assay_queue.messages (id) where in_flight;
create index if not exists messages_failed_idx on assay_queue.messages (ended_at, position) where state = 'FAILED';
create index if not exists messages_dedup_idx on assay_queue.messages (dedup_id, created_at) where dedup_id is not null;
create index if not exists messages_ended_at_idx on assay_queue.messages (ended_at) where ended_at is not null;

-- What happened to a message, as the logs show it.
create table if not exists assay_queue.events (
  id               bigint generated always as identity primary key,
  message_id       text not null references assay_queue.messages on delete cascade,
  at               timestamptz not null,
  state            text not null,
  error            text,
  next_at          timestamptz,
  response_status  int,
  response_headers jsonb,
  response_body    bytea
);
create index if not exists events_message_id_idx on assay_queue.events (message_id);
create index if not exists events_at_idx on assay_queue.events (at desc, id desc);

create table if not exists assay_queue.queues (
  name        text primary key,
  parallelism int not null check (parallelism > 0),
  is_paused   boolean not null default false,
  created_at  timestamptz not null,
  updated_at  timestamptz not null
);

create table if not exists assay_queue.topics (
  name       text primary key,
  endpoints  jsonb not null, -- [{name?, url}]
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table if not exists assay_queue.flow_controls (
  key                   text primary key,
  parallelism           int check (parallelism > 0),  -- null: any number
  rate                  int check (rate > 0),         -- null: any number
  period_seconds        int not null default 1 check (period_seconds > 0),
  is_pinned_parallelism boolean not null default false,
  is_pinned_rate        boolean not null default false,
  is_paused             boolean not null default false,
  rate_count            int not null default 0,       -- started since `period_started_at`
  period_started_at     timestamptz not null,
  updated_at            timestamptz not null
);
insert into assay_queue.flow_controls (key, parallelism, period_started_at, updated_at)
select flow_key, max(flow_parallelism), now(), now() from assay_queue.messages
where state = 'ACTIVE' and flow_key is not null
group by flow_key
on conflict do nothing;

create table if not exists assay_queue.schedules (
  id         text primary key,
  cron       text not null,
  url        text not null,  -- or name of a URL group
  spec       jsonb not null, -- MessageSpec
  body       bytea not null,
  next_at    timestamptz not null,
  created_at timestamptz not null
);
alter table assay_queue.schedules
  add column if not exists caller_ip text,
  add column if not exists is_paused boolean not null default false,
  add column if not exists last_at timestamptz,
  add column if not exists last_message_ids text[] not null default '{}';
update assay_queue.schedules
set spec = spec || jsonb_build_object(
  'destination', url, 'queueName', null, 'delaySeconds', 0, 'notBeforeMs', null, 'labels', '[]'::jsonb,
  'redact', '{"body": false, "headers": []}'::jsonb, 'callback', null, 'failureCallback', null,
  'flow', case when spec ->> 'flowKey' is null then null else jsonb_build_object(
    'key', spec -> 'flowKey', 'parallelism', spec -> 'flowParallelism', 'rate', null, 'periodSeconds', 1) end)
where not spec ? 'destination';

-- One row. `given_*` are those of the environment: a pair that changed there replaces what was rotated.
create table if not exists assay_queue.signing_keys (
  is_only       boolean primary key default true check (is_only),
  current       text not null,
  next          text not null,
  given_current text not null,
  given_next    text not null
);
