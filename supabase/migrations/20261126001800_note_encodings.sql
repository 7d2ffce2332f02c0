-- Notes files of encodings, all or none, for whoever holds the lease of a task of the run; to note one twice is no error. p_seen: paths that are known;
-- where the dataset has another file of these encoders, none is noted, as it may hold what these do; null: it does not matter.
-- Answers 'noted', 'overtaken' by a file that was not seen, or 'lost': the lease is, or the run was deleted.
create function assay.note_encodings(
  p_run_id uuid, p_task_id uuid, p_lease_token uuid, p_paths text[], p_encoders text[], p_n_contents int[], p_seen text[])
returns text
language plpgsql set search_path = ''
as $$
declare
  v_run assay.runs;
begin
  select r.* into v_run from assay.runs r
  where r.id = p_run_id
    and exists (select from assay.tasks t where t.id = p_task_id and t.lease_token = p_lease_token and t.state = 'running')
    and not exists (select from assay.deletions d where d.subject_id in (r.id, r.dataset_id, r.project_id))
  for key share of r;
  if not found then
    return 'lost';
  end if;
  if p_seen is not null then
    -- who comes second sees what the first has noted: it waits here, and reads after it
    perform pg_advisory_xact_lock(hashtextextended('assay.encodings ' || v_run.dataset_id, 0));
    if exists (
      select from assay.encodings e
      where e.dataset_id = v_run.dataset_id and e.encoder = any (p_encoders) and e.path <> all (p_seen)
        and not exists (
          select from assay.deletions d where d.ended_at is null and d.subject_id in (e.run_id, e.dataset_id, e.project_id))
    ) then
      return 'overtaken';
    end if;
  end if;
  insert into assay.encodings (path, project_id, dataset_id, run_id, encoder, n_contents)
  select u.path, v_run.project_id, v_run.dataset_id, v_run.id, u.encoder, u.n_contents
  from unnest(p_paths, p_encoders, p_n_contents) as u (path, encoder, n_contents)
  on conflict (path) do nothing;
  return 'noted';
end
$$;
revoke all on function assay.note_encodings(uuid, uuid, uuid, text[], text[], int[], text[]) from public;
grant execute on function assay.note_encodings(uuid, uuid, uuid, text[], text[], int[], text[]) to assay_worker;
