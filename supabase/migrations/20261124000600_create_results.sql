-- One immutable answer about a run. Nobody but the worker sees it before published_at is set.
create table assay.revisions (
  id           uuid primary key,
  project_id   uuid not null references assay.projects on delete cascade,
  run_id       uuid not null references assay.runs on delete cascade,
  job_id       uuid not null references assay.jobs on delete cascade,
  parent_id    uuid references assay.revisions on delete set null,
  number       int check (number > 0), -- given at publication
  settings     jsonb not null default '{}', -- thresholds and versions that made it
  summary      jsonb not null default '{}', -- RunSummary of shared/types/result.ts
  columns_path text,                        -- dense columns in Storage, the complete copy
  n_samples    int not null default 0 check (n_samples >= 0),
  created_at   timestamptz not null default now(),
  published_at timestamptz,
  unique (run_id, number),
  constraint revisions_number_iff_published check ((number is null) = (published_at is null))
);
create index revisions_project_id_idx on assay.revisions (project_id);
create index revisions_job_id_idx on assay.revisions (job_id);
create index revisions_parent_id_idx on assay.revisions (parent_id);
alter table assay.runs add constraint runs_published_revision_id_fkey
  foreign key (published_revision_id) references assay.revisions on delete set null;
create index runs_published_revision_id_idx on assay.runs (published_revision_id);

-- Numbers and words about one sample in one revision; labels index the run's label_names. No text: that is in samples.
create table assay.sample_results (
  revision_id            uuid not null references assay.revisions on delete cascade,
  project_id             uuid not null references assay.projects on delete cascade,
  sample_key             bigint not null references assay.samples on delete cascade,
  split                  text not null check (split in ('training', 'validation', 'test', 'inference')),
  rank                   int not null check (rank > 0), -- 1 is the worst of the revision
  given_label            int,
  predicted_label        int,
  suggested_label        int,
  mislabeled_score       real check (mislabeled_score between 0 and 1),
  mislabeled_probability real check (mislabeled_probability between 0 and 1),
  data_error_potential   real check (data_error_potential between 0 and 1),
  outlier_score          real check (outlier_score between 0 and 1),
  hardness               real check (hardness between 0 and 1),
  confidence             real,
  variability            real,
  area_under_margin      real,
  forgetting_events      int,
  first_learned_epoch    int,
  issue_type             text not null, -- the first, or clean
  issue_types            text[] not null default '{}',
  reason                 text not null default '',
  primary key (revision_id, split, sample_key)
);
create index sample_results_revision_id_rank_idx on assay.sample_results (revision_id, rank);
create index sample_results_sample_key_idx on assay.sample_results (sample_key);
create index sample_results_project_id_idx on assay.sample_results (project_id);

-- Flagged (sample, issue type) pairs only, so that a new detector needs no migration.
create table assay.sample_issues (
  revision_id uuid not null references assay.revisions on delete cascade,
  project_id  uuid not null references assay.projects on delete cascade,
  sample_key  bigint not null references assay.samples on delete cascade,
  split       text not null,
  issue_type  text not null,
  score       real check (score between 0 and 1),
  details     jsonb not null default '{}',
  primary key (revision_id, split, sample_key, issue_type)
);
create index sample_issues_revision_id_issue_type_idx on assay.sample_issues (revision_id, issue_type);
create index sample_issues_sample_key_idx on assay.sample_issues (sample_key);
create index sample_issues_project_id_idx on assay.sample_issues (project_id);

-- Nearest neighbours of flagged samples, for the eye; the whole graph is not kept.
create table assay.sample_neighbours (
  revision_id   uuid not null references assay.revisions on delete cascade,
  project_id    uuid not null references assay.projects on delete cascade,
  sample_key    bigint not null references assay.samples on delete cascade,
  split         text not null,
  position      int not null check (position >= 0),
  neighbour_key bigint not null references assay.samples on delete cascade,
  neighbour_split text not null,
  similarity    real not null,
  primary key (revision_id, split, sample_key, position)
);
create index sample_neighbours_sample_key_idx on assay.sample_neighbours (sample_key);
create index sample_neighbours_neighbour_key_idx on assay.sample_neighbours (neighbour_key);
create index sample_neighbours_project_id_idx on assay.sample_neighbours (project_id);

-- Quality of each class.
create table assay.class_reports (
  revision_id  uuid not null references assay.revisions on delete cascade,
  project_id   uuid not null references assay.projects on delete cascade,
  split        text not null,
  label        int not null check (label >= 0),
  n_given      int not null,
  n_predicted  int not null,
  n_mislabeled int not null,
  "precision"  real,
  recall       real,
  f1           real,
  mean_data_error_potential real,
  primary key (revision_id, split, label)
);
create index class_reports_project_id_idx on assay.class_reports (project_id);

-- Which given label hides which other one.
create table assay.class_pairs (
  revision_id     uuid not null references assay.revisions on delete cascade,
  project_id      uuid not null references assay.projects on delete cascade,
  split           text not null,
  given_label     int not null check (given_label >= 0),
  suggested_label int not null check (suggested_label >= 0),
  n_flagged       int not null,
  share_of_given  real not null,
  primary key (revision_id, split, given_label, suggested_label)
);
create index class_pairs_project_id_idx on assay.class_pairs (project_id);

-- Rows of the parts that could not be used: counted and listed, never dropped in silence.
create table assay.row_problems (
  id          bigint generated always as identity primary key,
  revision_id uuid not null references assay.revisions on delete cascade,
  project_id  uuid not null references assay.projects on delete cascade,
  part_id     uuid not null references assay.parts on delete cascade,
  row_number  int check (row_number >= 0),
  column_name text,
  message     text not null,
  n_rows      int not null check (n_rows > 0)
);
create index row_problems_revision_id_idx on assay.row_problems (revision_id);
create index row_problems_part_id_idx on assay.row_problems (part_id);
create index row_problems_project_id_idx on assay.row_problems (project_id);

do $$
declare
  v_table text;
begin
  -- A result row is seen by members, once its revision is published; the subquery runs once a statement.
  foreach v_table in array array['sample_results', 'sample_issues', 'sample_neighbours', 'class_reports', 'class_pairs', 'row_problems'] loop
    execute format('alter table assay.%I enable row level security', v_table);
    execute format('grant select on assay.%I to authenticated', v_table);
    execute format('grant select, insert, delete on assay.%I to assay_worker', v_table);
    execute format(
      'create policy %I on assay.%I for select to authenticated using (
         project_id = any (array(select assay.project_ids()))
         and revision_id in (select id from assay.revisions where published_at is not null))',
      v_table || '_select_member', v_table);
    execute format(
      'create policy %I on assay.%I for all to assay_worker using (true) with check (true)',
      v_table || '_all_worker', v_table);
  end loop;
end $$;

alter table assay.revisions enable row level security;
grant select on assay.revisions to authenticated;
grant select, insert, update, delete on assay.revisions to assay_worker;
create policy revisions_select_member on assay.revisions for select to authenticated
  using (project_id = any (array(select assay.project_ids())) and published_at is not null);
create policy revisions_all_worker on assay.revisions for all to assay_worker using (true) with check (true);
