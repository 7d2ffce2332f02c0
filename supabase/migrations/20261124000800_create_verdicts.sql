-- What a person said about a sample's content. Append only; the latest counts; outlives the run, and the next run knows it.
create table assay.verdicts (
  id           uuid primary key default gen_random_uuid(),
  project_id   uuid not null references assay.projects on delete cascade,
  dataset_id   uuid not null references assay.datasets on delete cascade,
  sample_id    text not null check (octet_length(sample_id) between 1 and 1024),
  content_hash bytea not null check (octet_length(content_hash) = 32),
  verdict      text not null check (verdict in ('keep', 'relabel', 'drop', 'needs_review', 'clear')),
  label        text check (length(label) between 1 and 500),
  comment      text check (length(comment) <= 2000),
  run_id       uuid references assay.runs on delete set null, -- where it was looked at
  reviewer_id  uuid,                                          -- user; null when a key said it
  key_id       uuid references assay.api_keys on delete set null,
  created_at   timestamptz not null default clock_timestamp(), -- several in one transaction keep their order
  constraint verdicts_label_iff_relabel check ((verdict = 'relabel') = (label is not null))
);
create index verdicts_sample_idx on assay.verdicts (dataset_id, sample_id, content_hash, created_at desc, id);
create index verdicts_project_id_idx on assay.verdicts (project_id);
create index verdicts_run_id_idx on assay.verdicts (run_id);
create index verdicts_key_id_idx on assay.verdicts (key_id);

-- Fills what a person in Supabase Studio need not type: project, content hash of the newest content, who.
create function assay.verdicts_fill() returns trigger
language plpgsql set search_path = ''
as $$
begin
  select d.project_id into new.project_id from assay.datasets d where d.id = new.dataset_id;
  if not found then
    raise exception 'Cannot store verdict: dataset % not found', new.dataset_id using errcode = 'foreign_key_violation';
  end if;
  if new.content_hash is null then
    select s.content_hash into new.content_hash from assay.samples s
    where s.dataset_id = new.dataset_id and s.sample_id = new.sample_id
    order by s.id desc limit 1;
  end if;
  if not exists (
    select from assay.samples s
    where s.dataset_id = new.dataset_id and s.sample_id = new.sample_id and s.content_hash = new.content_hash
  ) then
    raise exception 'Cannot store verdict: dataset has no sample "%"', new.sample_id using errcode = 'foreign_key_violation';
  end if;
  if session_user = 'assay_edge' or current_user = 'authenticated' then
    new.reviewer_id := assay.user_id();
    new.key_id := assay.key_id();
  end if;
  return new;
end
$$;
create trigger verdicts_fill before insert on assay.verdicts
  for each row execute function assay.verdicts_fill();

alter table assay.verdicts enable row level security;
grant select, insert on assay.verdicts to authenticated;
grant select on assay.verdicts to assay_worker;
create policy verdicts_select_member on assay.verdicts for select to authenticated
  using (project_id = any (array(select assay.project_ids())));
create policy verdicts_insert_editor on assay.verdicts for insert to authenticated
  with check (project_id = any (array(select assay.project_ids('write'))));
create policy verdicts_select_worker on assay.verdicts for select to assay_worker using (true);
