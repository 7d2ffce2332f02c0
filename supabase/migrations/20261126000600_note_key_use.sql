-- A live key by the first part of its token, for the edge to compare the secret with. Writes nothing: what has only the first part is not used yet.
create or replace function assay.find_api_key(p_prefix text)
returns table (key_id uuid, project_id uuid, secret_hash bytea, scopes text[])
language sql stable security definer set search_path = ''
as $$
  select k.id, k.project_id, k.secret_hash, k.scopes
  from assay.api_keys k
  where k.prefix = p_prefix and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
$$;

-- Notes that a key was used, at most once a minute.
create function assay.note_key_use(p_key_id uuid) returns void
language sql security definer set search_path = ''
as $$
  update assay.api_keys k set last_used_at = now()
  where k.id = p_key_id and (k.last_used_at is null or k.last_used_at < now() - interval '1 minute')
$$;
revoke all on function assay.note_key_use(uuid) from public;
grant execute on function assay.note_key_use(uuid) to assay_edge;

-- As before, of the caller's projects: ids of others are nobody's business.
create or replace function assay.deleted_ids(p_table text) returns setof uuid
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_projects uuid[] := array(select assay.project_ids('any'));
begin
  if p_table = 'runs' then
    return query select d.subject_id from assay.deletions d
      where d.ended_at is null and d.subject = 'run' and d.project_id = any (v_projects);
  elsif p_table = 'datasets' then
    return query select d.subject_id from assay.deletions d
      where d.ended_at is null and d.subject = 'dataset' and d.project_id = any (v_projects);
  elsif p_table = 'dataset_versions' then
    return query select v.id from assay.deletions d join assay.dataset_versions v on v.dataset_id = d.subject_id
      where d.ended_at is null and d.subject = 'dataset' and d.project_id = any (v_projects);
  elsif p_table = 'jobs' then
    return query select j.id from assay.deletions d join assay.jobs j on j.run_id = d.subject_id
      where d.ended_at is null and d.subject = 'run' and d.project_id = any (v_projects);
  end if;
end
$$;
