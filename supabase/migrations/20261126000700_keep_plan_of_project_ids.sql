-- The same rows as before. In plpgsql a connection plans the query once; as a function in SQL it was planned anew for each policy of each
-- statement, which was more than half of what the database did for an upload.
create or replace function assay.project_ids(p_scope text default 'read') returns setof uuid
language plpgsql stable security definer set search_path = ''
as $$
begin
  return query
    select p.project_id from (
      select m.project_id
      from assay.members m
      where m.user_id = (select auth.uid())
        and case m.role
              when 'owner' then true
              when 'editor' then p_scope <> 'admin'
              else p_scope in ('read', 'any')
            end
      union all
      select k.project_id
      from assay.api_keys k
      where k.id = (select assay.key_id())
        and k.revoked_at is null
        and (k.expires_at is null or k.expires_at > now())
        and (p_scope = 'any' or p_scope = any (k.scopes) or 'admin' = any (k.scopes)
             or (p_scope = 'read' and 'write' = any (k.scopes)))
    ) p
    where not exists (select from assay.deletions d where d.subject_id = p.project_id);
end
$$;

create or replace function assay.key_id() returns uuid
language plpgsql stable set search_path = ''
as $$
begin
  return case when session_user = 'assay_edge' then
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'key_id')::uuid
  end;
end
$$;
