-- State of the local queue. Applied by the queue itself at each start, as the owner of the schema; harmless twice.
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
create index if not exists messages_due_idx on assay_queue.messages (not_before) where state = 'ACTIVE';
create index if not exists messages_dedup_idx on assay_queue.messages (dedup_id, created_at) where dedup_id is not null;
create index if not exists messages_ended_at_idx on assay_queue.messages (ended_at) where ended_at is not null;

create table if not exists assay_queue.schedules (
  id         text primary key,
  cron       text not null,
  url        text not null,
  spec       jsonb not null, -- MessageSpec without the body
  body       bytea not null,
  next_at    timestamptz not null,
  created_at timestamptz not null
);
