-- A team's data and who may see it.
create table assay.projects (
  id         uuid primary key default gen_random_uuid(),
  name       text not null check (length(name) between 1 and 200),
  created_at timestamptz not null default now()
);

-- Who may do what in a project.
create table assay.members (
  project_id uuid not null references assay.projects on delete cascade,
  user_id    uuid not null references auth.users on delete cascade,
  role       text not null check (role in ('viewer', 'editor', 'owner')),
  created_at timestamptz not null default now(),
  primary key (project_id, user_id)
);
create index members_user_id_idx on assay.members (user_id);

-- Machine clients. The token is assay_<prefix>_<secret>; only the SHA-256 of the secret is kept.
create table assay.api_keys (
  id           uuid primary key default gen_random_uuid(),
  project_id   uuid not null references assay.projects on delete cascade,
  prefix       text not null unique check (prefix ~ '^[0-9A-Za-z]{8,16}$'),
  secret_hash  bytea not null check (octet_length(secret_hash) = 32),
  name         text not null check (length(name) between 1 and 200),
  scopes       text[] not null check (
    cardinality(scopes) > 0 and scopes <@ array['ingest', 'read', 'write', 'admin']
  ),
  created_at   timestamptz not null default now(),
  last_used_at timestamptz,
  expires_at   timestamptz,
  revoked_at   timestamptz
);
create index api_keys_project_id_idx on assay.api_keys (project_id);

-- The calling key. Only the edge sets this claim: a JWT that names a key itself means nothing elsewhere.
create function assay.key_id() returns uuid
language sql stable set search_path = ''
as $$
  select case when session_user = 'assay_edge' then
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'key_id')::uuid
  end
$$;

-- Projects in which the caller has a scope: read, ingest, write, admin, or any of them. Every policy asks this, once a statement.
create function assay.project_ids(p_scope text default 'read') returns setof uuid
language sql stable security definer set search_path = ''
as $$
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
$$;

-- A live key by the first part of its token, for the edge to compare the secret with. Notes its use at most once a minute.
create function assay.find_api_key(p_prefix text)
returns table (key_id uuid, project_id uuid, secret_hash bytea, scopes text[])
language plpgsql security definer set search_path = ''
as $$
begin
  update assay.api_keys k set last_used_at = now()
  where k.prefix = p_prefix and (k.last_used_at is null or k.last_used_at < now() - interval '1 minute')
    and k.revoked_at is null;
  return query
    select k.id, k.project_id, k.secret_hash, k.scopes
    from assay.api_keys k
    where k.prefix = p_prefix and k.revoked_at is null and (k.expires_at is null or k.expires_at > now());
end
$$;

-- A person's new project, with its maker as owner.
create function assay.create_project(p_name text) returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_user uuid := auth.uid();
  v_id uuid;
begin
  if v_user is null then
    raise exception 'Cannot create project: only a signed-in person can' using errcode = '42501';
  end if;
  insert into assay.projects (name) values (p_name) returning id into v_id;
  insert into assay.members (project_id, user_id, role) values (v_id, v_user, 'owner');
  return v_id;
end
$$;

revoke all on function assay.key_id() from public;
revoke all on function assay.project_ids(text) from public;
revoke all on function assay.find_api_key(text) from public;
revoke all on function assay.create_project(text) from public;
grant execute on function assay.key_id() to authenticated, assay_edge, assay_worker;
grant execute on function assay.project_ids(text) to authenticated, assay_edge;
grant execute on function assay.find_api_key(text) to assay_edge;
grant execute on function assay.create_project(text) to authenticated, assay_edge;

alter table assay.projects enable row level security;
alter table assay.members enable row level security;
alter table assay.api_keys enable row level security;

grant select on assay.projects, assay.members to authenticated;
grant select, update, delete on assay.projects to assay_edge;
grant select, insert, update, delete on assay.members to assay_edge;
grant select (id, project_id, prefix, name, scopes, created_at, last_used_at, expires_at, revoked_at),
  insert, update (revoked_at) on assay.api_keys to assay_edge; -- the hash is read through find_api_key() only
grant select on assay.projects to assay_worker;

create policy projects_select_member on assay.projects for select to authenticated
  using (id = any (array(select assay.project_ids())));
create policy projects_select_edge on assay.projects for select to assay_edge
  using (id = any (array(select assay.project_ids('any'))));
create policy projects_update_edge on assay.projects for update to assay_edge
  using (id = any (array(select assay.project_ids('admin'))));
create policy projects_delete_edge on assay.projects for delete to assay_edge
  using (id = any (array(select assay.project_ids('admin'))));
create policy projects_select_worker on assay.projects for select to assay_worker using (true);

create policy members_select_member on assay.members for select to authenticated
  using (project_id = any (array(select assay.project_ids())));
create policy members_select_edge on assay.members for select to assay_edge
  using (project_id = any (array(select assay.project_ids('any'))));
create policy members_insert_edge on assay.members for insert to assay_edge
  with check (project_id = any (array(select assay.project_ids('admin'))));
create policy members_update_edge on assay.members for update to assay_edge
  using (project_id = any (array(select assay.project_ids('admin'))))
  with check (project_id = any (array(select assay.project_ids('admin'))));
create policy members_delete_edge on assay.members for delete to assay_edge
  using (project_id = any (array(select assay.project_ids('admin'))));

create policy api_keys_select_edge on assay.api_keys for select to assay_edge
  using (project_id = any (array(select assay.project_ids('admin'))));
create policy api_keys_insert_edge on assay.api_keys for insert to assay_edge
  with check (project_id = any (array(select assay.project_ids('admin'))));
create policy api_keys_update_edge on assay.api_keys for update to assay_edge
  using (project_id = any (array(select assay.project_ids('admin'))))
  with check (project_id = any (array(select assay.project_ids('admin'))));

-- A project keeps an owner: nobody locks everybody out.
create function assay.members_keep_owner() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if old.role = 'owner' and (tg_op = 'DELETE' or new.role <> 'owner')
    and exists (select from assay.projects p where p.id = old.project_id)
    and not exists (
      select from assay.members m
      where m.project_id = old.project_id and m.role = 'owner' and m.user_id <> old.user_id
    ) then
    raise exception 'Cannot change member: a project needs at least one owner' using errcode = 'check_violation';
  end if;
  return coalesce(new, old);
end
$$;
create trigger members_keep_owner before update or delete on assay.members
  for each row execute function assay.members_keep_owner();
