-- Parts, intermediate arrays and column files. Paths start with the project's id.
insert into storage.buckets (id, name, public) values ('runs', 'runs', false)
on conflict (id) do nothing;

-- Members read what is theirs; programs write with the service key.
create policy assay_runs_select_member on storage.objects for select to authenticated
  using (
    bucket_id = 'runs'
    and (storage.foldername(name))[1] = any (array(select id::text from assay.project_ids() as id))
  );
