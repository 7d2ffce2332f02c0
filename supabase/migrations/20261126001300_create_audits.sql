-- Samples of a run that are drawn to be judged, so that the number of wrong labels is known with an interval. Immutable; what people say of the
-- samples is a verdict like any other.
create table assay.audits (
  id          uuid primary key default gen_random_uuid(),
  project_id  uuid not null references assay.projects on delete cascade,
  run_id      uuid not null references assay.runs on delete cascade,
  revision_id uuid not null references assay.revisions on delete cascade, -- whose scores it was drawn by
  n_asked     int not null check (n_asked between 1 and 2000),
  seed        int not null,
  n_reviewed  int not null check (n_reviewed >= 0),  -- judged before: not drawn again
  n_confirmed int not null check (n_confirmed between 0 and n_reviewed), -- those of them whose label was wrong
  bins        jsonb not null, -- samples by log-odds, [{"bin", "n"}]: LogOddsBin of shared/audit/audit_strata.ts
  strata      jsonb not null, -- AuditStratum of the same file
  created_by  uuid,           -- user; null when a key asked
  created_at  timestamptz not null default now(),
  unique (revision_id, n_asked, seed)
);
create index audits_project_id_idx on assay.audits (project_id);
create index audits_run_id_idx on assay.audits (run_id, created_at desc, id);

-- What an audit drew, in an order that says nothing of it.
create table assay.audit_samples (
  audit_id    uuid not null references assay.audits on delete cascade,
  project_id  uuid not null references assay.projects on delete cascade,
  position    int not null check (position >= 0),
  sample_key  bigint not null references assay.samples on delete cascade,
  split       text not null check (split in ('training', 'validation', 'test', 'inference')),
  given_label int not null,
  bin         int not null,
  primary key (audit_id, position)
);
create index audit_samples_project_id_idx on assay.audit_samples (project_id);
create index audit_samples_sample_key_idx on assay.audit_samples (sample_key);

alter table assay.audits enable row level security;
alter table assay.audit_samples enable row level security;
grant select on assay.audits, assay.audit_samples to authenticated;
grant select on assay.audits, assay.audit_samples to assay_worker;
grant insert on assay.audits, assay.audit_samples to assay_edge;
create policy audits_select_member on assay.audits for select to authenticated
  using (project_id = any (array(select assay.project_ids())));
create policy audits_insert_edge on assay.audits for insert to assay_edge
  with check (project_id = any (array(select assay.project_ids('write'))));
create policy audit_samples_select_member on assay.audit_samples for select to authenticated
  using (
    project_id = any (array(select assay.project_ids()))
    and audit_id in (select id from assay.audits)
  );
create policy audit_samples_insert_edge on assay.audit_samples for insert to assay_edge
  with check (project_id = any (array(select assay.project_ids('write'))));
create policy audits_select_worker on assay.audits for select to assay_worker using (true);
create policy audit_samples_select_worker on assay.audit_samples for select to assay_worker using (true);
create policy audits_hide_deleted on assay.audits as restrictive for select to authenticated, assay_edge
  using (run_id <> all (array(select assay.deleted_ids('runs'))));
