-- Files of what encoders said of contents, so that no content of a dataset is encoded twice. They belong to the run whose uploads were encoded, lie
-- in its folder and go with it, or with its uploads; a later run of the dataset reads them. The worker alone has this table and writes the files; members
-- of the project may read them in Storage, like all of the run's folder.
create table assay.encodings (
  path       text primary key,
  project_id uuid not null references assay.projects on delete cascade,
  dataset_id uuid not null references assay.datasets on delete cascade,
  run_id     uuid not null references assay.runs on delete cascade,
  encoder    text not null check (octet_length(encoder) between 1 and 200), -- kind, version and hash of what gave them
  n_contents int not null check (n_contents > 0),
  created_at timestamptz not null default now()
);
create index encodings_dataset_id_idx on assay.encodings (dataset_id, encoder, created_at desc);
create index encodings_project_id_idx on assay.encodings (project_id);
create index encodings_run_id_idx on assay.encodings (run_id);

alter table assay.encodings enable row level security;
grant select, insert, delete on assay.encodings to assay_worker;
create policy encodings_all_worker on assay.encodings for all to assay_worker using (true) with check (true);
create policy encodings_hide_deleted on assay.encodings as restrictive for select to authenticated, assay_edge
  using (run_id <> all (array(select assay.deleted_ids('runs'))));
