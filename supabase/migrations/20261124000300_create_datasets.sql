-- What a team curates over years, such as "support mails".
create table assay.datasets (
  id         uuid primary key default gen_random_uuid(),
  project_id uuid not null references assay.projects on delete cascade,
  name       text not null check (length(name) between 1 and 200),
  created_at timestamptz not null default now(),
  unique (project_id, name)
);

-- One row per dataset, sample id and content; written once however many runs log it.
create table assay.samples (
  id             bigint generated always as identity primary key,
  project_id     uuid not null references assay.projects on delete cascade, -- so that the policy needs no join
  dataset_id     uuid not null references assay.datasets on delete cascade,
  sample_id      text not null check (octet_length(sample_id) between 1 and 1024),
  content_hash   bytea not null check (octet_length(content_hash) = 32),
  text_preview   text check (octet_length(text_preview) <= 2048),
  metadata       jsonb not null default '{}',
  content_path   text,   -- whole text in Storage, by offset; null where the preview is all of it
  content_offset bigint,
  content_bytes  int,
  created_at     timestamptz not null default now(),
  unique (dataset_id, sample_id, content_hash),
  constraint samples_content_all_or_none check (
    (content_path is null) = (content_offset is null) and (content_path is null) = (content_bytes is null)
  )
);
create index samples_project_id_idx on assay.samples (project_id);

-- What one training saw; recognised by its digest, so twenty runs on the same data share one.
create table assay.dataset_versions (
  id          uuid primary key default gen_random_uuid(),
  project_id  uuid not null references assay.projects on delete cascade,
  dataset_id  uuid not null references assay.datasets on delete cascade,
  parent_id   uuid references assay.dataset_versions on delete set null,
  digest      bytea not null check (octet_length(digest) = 32),
  label_names text[] not null,
  n_samples   int not null check (n_samples >= 0),
  created_at  timestamptz not null default now(),
  unique (dataset_id, digest)
);
create index dataset_versions_project_id_idx on assay.dataset_versions (project_id);
create index dataset_versions_parent_id_idx on assay.dataset_versions (parent_id);

-- Which sample stood in which split with which label. given_label indexes label_names; null: unlabelled.
create table assay.dataset_version_samples (
  dataset_version_id uuid not null references assay.dataset_versions on delete cascade,
  project_id         uuid not null references assay.projects on delete cascade,
  split              text not null check (split in ('training', 'validation', 'test', 'inference')),
  sample_key         bigint not null references assay.samples on delete cascade,
  given_label        int check (given_label >= 0),
  primary key (dataset_version_id, split, sample_key)
);
create index dataset_version_samples_sample_key_idx on assay.dataset_version_samples (sample_key);
create index dataset_version_samples_project_id_idx on assay.dataset_version_samples (project_id);

alter table assay.datasets enable row level security;
alter table assay.samples enable row level security;
alter table assay.dataset_versions enable row level security;
alter table assay.dataset_version_samples enable row level security;

grant select on assay.datasets, assay.samples, assay.dataset_versions, assay.dataset_version_samples to authenticated;
grant select, insert on assay.datasets to assay_edge;
grant select, insert on assay.datasets, assay.dataset_version_samples to assay_worker;
grant select, insert, update on assay.samples, assay.dataset_versions to assay_worker;

create policy datasets_select_member on assay.datasets for select to authenticated
  using (project_id = any (array(select assay.project_ids())));
create policy datasets_select_edge on assay.datasets for select to assay_edge
  using (project_id = any (array(select assay.project_ids('any'))));
create policy datasets_insert_edge on assay.datasets for insert to assay_edge
  with check (project_id = any (array(select assay.project_ids('ingest'))));
create policy samples_select_member on assay.samples for select to authenticated
  using (project_id = any (array(select assay.project_ids())));
create policy dataset_versions_select_member on assay.dataset_versions for select to authenticated
  using (project_id = any (array(select assay.project_ids())));
create policy dataset_version_samples_select_member on assay.dataset_version_samples for select to authenticated
  using (project_id = any (array(select assay.project_ids())));

create policy datasets_all_worker on assay.datasets for all to assay_worker using (true) with check (true);
create policy samples_all_worker on assay.samples for all to assay_worker using (true) with check (true);
create policy dataset_versions_all_worker on assay.dataset_versions for all to assay_worker using (true) with check (true);
create policy dataset_version_samples_all_worker on assay.dataset_version_samples
  for all to assay_worker using (true) with check (true);
