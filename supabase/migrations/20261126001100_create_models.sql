-- A model that somebody stored, to be run over samples again. Its bytes lie in its project's folder in Storage, which members may read;
-- hostile until proven, so only the worker runs them, in a process of their own.
create table assay.models (
  id             uuid primary key, -- the client's, so that a retry changes nothing
  project_id     uuid not null references assay.projects on delete cascade,
  name           text not null check (length(name) between 1 and 200),
  input_kind     text not null check (input_kind in ('features', 'image', 'text')),
  input_name     text check (length(input_name) between 1 and 500),
  preprocessing  jsonb, -- of images
  class_names    text[] not null check (cardinality(class_names) between 1 and 10000), -- in the order of the outputs
  outputs        jsonb not null, -- names, {"logits", "probs", "embedding"}, each null where it is found by its shape
  request_digest bytea not null check (octet_length(request_digest) = 32), -- tells a retry from another model with the same id
  state          text not null default 'pending' check (state in ('pending', 'ready')),
  storage_path   text, -- of the upload that won
  size_bytes     bigint check (size_bytes > 0),
  sha256         bytea check (octet_length(sha256) = 32),
  created_by     uuid, -- user; null when a key made it
  created_at     timestamptz not null default now(),
  deleted_at     timestamptz, -- hidden; the worker removes bytes and row
  constraint models_preprocessing_iff_image check ((input_kind = 'image') = (preprocessing is not null)),
  constraint models_bytes_iff_ready check (num_nulls(size_bytes, sha256, storage_path) = case state when 'ready' then 0 else 3 end)
);
create index models_project_id_created_at_idx on assay.models (project_id, created_at desc, id);
create index models_lost_idx on assay.models (created_at) where state = 'pending' or deleted_at is not null;

alter table assay.models enable row level security;
grant select on assay.models to authenticated;
grant select, insert on assay.models to assay_edge;
grant update (state, size_bytes, sha256, storage_path) on assay.models to assay_edge;
grant select, delete on assay.models to assay_worker;
grant update (deleted_at) on assay.models to assay_worker; -- of what was never completed

create policy models_select_member on assay.models for select to authenticated
  using (project_id = any (array(select assay.project_ids())));
create policy models_select_edge on assay.models for select to assay_edge
  using (project_id = any (array(select assay.project_ids('any'))));
create policy models_insert_edge on assay.models for insert to assay_edge
  with check (project_id = any (array(select assay.project_ids('admin'))));
create policy models_update_edge on assay.models for update to assay_edge
  using (project_id = any (array(select assay.project_ids('admin'))))
  with check (project_id = any (array(select assay.project_ids('admin'))));
create policy models_hide_deleted on assay.models as restrictive for select to authenticated, assay_edge
  using (deleted_at is null);
create policy models_select_worker on assay.models for select to assay_worker using (true);
create policy models_update_worker on assay.models for update to assay_worker using (true) with check (true);
create policy models_delete_worker on assay.models for delete to assay_worker using (true);

-- Hides a model for good, and says where its bytes lie. No row: there is none, or it is not the caller's to delete.
create function assay.delete_model(p_id uuid) returns table (storage_path text)
language sql security definer set search_path = ''
as $$
  update assay.models m set deleted_at = now()
  where m.id = p_id and m.deleted_at is null and m.project_id = any (array(select assay.project_ids('admin')))
  returning m.storage_path
$$;
revoke all on function assay.delete_model(uuid) from public;
grant execute on function assay.delete_model(uuid) to assay_edge;
