-- One training, of a dataset. The client makes the id, so a retry or a second process of the same training changes nothing.
create table assay.runs (
  id                    uuid primary key,
  project_id            uuid not null references assay.projects on delete cascade,
  dataset_id            uuid not null references assay.datasets on delete cascade,
  name                  text not null check (length(name) between 1 and 200),
  attempt               int not null check (attempt > 0),
  task_type             text not null check (task_type in ('classification')),
  label_names           text[] not null check (cardinality(label_names) between 1 and 10000),
  writers               int not null default 1 check (writers between 1 and 4096),
  metadata_schema       jsonb,
  state                 text not null default 'open' check (state in ('open', 'closed')),
  incomplete            boolean not null default false,
  request_digest        bytea not null check (octet_length(request_digest) = 32), -- tells a retry from another run with the same id
  dataset_version_id    uuid references assay.dataset_versions on delete set null,
  published_revision_id uuid, -- the one pointer that readers follow; its constraint comes with revisions
  created_by            uuid, -- user; null when a key made it
  created_at            timestamptz not null default now(),
  last_part_at          timestamptz not null default now(),
  closed_at             timestamptz,
  unique (project_id, name, attempt),
  constraint runs_closed_at_iff_closed check ((state = 'closed') = (closed_at is not null))
);
create index runs_project_id_created_at_idx on assay.runs (project_id, created_at desc, id);
create index runs_dataset_id_idx on assay.runs (dataset_id);
create index runs_dataset_version_id_idx on assay.runs (dataset_version_id);
create index runs_open_idx on assay.runs (last_part_at) where state = 'open';

-- Processes of one training that have finished, with what they say they sent.
create table assay.writers (
  run_id      uuid not null references assay.runs on delete cascade,
  project_id  uuid not null references assay.projects on delete cascade,
  writer      text not null check (length(writer) between 1 and 100),
  generation  int not null check (generation >= 0),
  manifest    jsonb,
  incomplete  boolean not null default false,
  finished_at timestamptz not null default now(),
  primary key (run_id, writer)
);
create index writers_project_id_idx on assay.writers (project_id);

-- One upload. Its bytes lie in Storage at a random path; this row decides whether they count.
create table assay.parts (
  id               uuid primary key default gen_random_uuid(),
  project_id       uuid not null references assay.projects on delete cascade,
  run_id           uuid not null references assay.runs on delete cascade,
  idempotency_key  text not null check (length(idempotency_key) between 1 and 200),
  part_kind        text not null check (part_kind in ('samples', 'outputs')),
  split            text not null check (split in ('training', 'validation', 'test', 'inference')),
  inference_name   text not null default '' check (length(inference_name) <= 200),
  epoch            int not null default 0 check (epoch >= 0),
  writer           text not null check (length(writer) between 1 and 100),
  generation       int not null default 0 check (generation >= 0),
  seq              int not null check (seq >= 0),
  prediction_kind  text check (prediction_kind in ('in_sample', 'out_of_sample')),
  content_type     text not null,
  content_encoding text not null check (content_encoding in ('identity', 'gzip')),
  storage_path     text not null,
  size_bytes       bigint not null check (size_bytes >= 0),
  sha256           bytea not null check (octet_length(sha256) = 32),
  created_at       timestamptz not null default now(),
  unique (run_id, idempotency_key),
  constraint parts_position_unique
    unique (run_id, writer, generation, part_kind, split, inference_name, epoch, seq),
  constraint parts_prediction_kind_iff_outputs check ((part_kind = 'outputs') = (prediction_kind is not null)),
  constraint parts_inference_name_iff_inference check ((split = 'inference') = (inference_name <> ''))
);
create index parts_project_id_idx on assay.parts (project_id);

alter table assay.runs enable row level security;
alter table assay.writers enable row level security;
alter table assay.parts enable row level security;

grant select on assay.runs, assay.writers, assay.parts to authenticated;
grant select, insert on assay.runs, assay.parts to assay_edge;
grant update (state, incomplete, closed_at, last_part_at) on assay.runs to assay_edge;
grant select, insert, update on assay.writers to assay_edge;
grant select, update on assay.runs to assay_worker;
grant select on assay.writers, assay.parts to assay_worker;

create policy runs_select_member on assay.runs for select to authenticated
  using (project_id = any (array(select assay.project_ids())));
create policy runs_select_edge on assay.runs for select to assay_edge
  using (project_id = any (array(select assay.project_ids('any'))));
create policy runs_insert_edge on assay.runs for insert to assay_edge
  with check (project_id = any (array(select assay.project_ids('ingest'))));
create policy runs_update_edge on assay.runs for update to assay_edge
  using (project_id = any (array(select assay.project_ids('ingest'))))
  with check (project_id = any (array(select assay.project_ids('ingest'))));
create policy runs_all_worker on assay.runs for all to assay_worker using (true) with check (true);

create policy writers_select_member on assay.writers for select to authenticated
  using (project_id = any (array(select assay.project_ids())));
create policy writers_all_edge on assay.writers for all to assay_edge
  using (project_id = any (array(select assay.project_ids('ingest'))))
  with check (project_id = any (array(select assay.project_ids('ingest'))));
create policy writers_select_worker on assay.writers for select to assay_worker using (true);

create policy parts_select_member on assay.parts for select to authenticated
  using (project_id = any (array(select assay.project_ids())));
create policy parts_select_edge on assay.parts for select to assay_edge
  using (project_id = any (array(select assay.project_ids('ingest'))));
create policy parts_insert_edge on assay.parts for insert to assay_edge
  with check (project_id = any (array(select assay.project_ids('ingest'))));
create policy parts_select_worker on assay.parts for select to assay_worker using (true);
