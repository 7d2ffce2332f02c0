-- What Supabase brings and a plain PostgreSQL lacks: roles, auth, storage, and the schema of the local queue.
-- Run by a superuser; harmless twice; never run on Supabase itself. Passwords are set by whoever starts the programs.

do $$
begin
  if not (select rolsuper from pg_roles where rolname = current_user) then
    raise exception 'Cannot prepare database: platform.sql needs a superuser, current user is "%"', current_user;
  end if;
end $$;

-- Roles are of the whole cluster: another database, or another session at this moment, may have made them.
do $$
declare
  v_role text;
  v_options text;
begin
  for v_role, v_options in
    values
      ('anon', 'nologin noinherit'),
      ('authenticated', 'nologin noinherit'),
      ('service_role', 'nologin noinherit bypassrls'),
      ('authenticator', 'login noinherit'),
      ('supabase_storage_admin', 'login noinherit'),
      ('assay_queue', 'login noinherit')
  loop
    begin
      if not exists (select from pg_roles where rolname = v_role) then
        execute format('create role %I %s', v_role, v_options);
      end if;
    exception when duplicate_object or unique_violation then null;
    end;
  end loop;
  for v_role in values ('authenticator'), ('supabase_storage_admin') loop
    begin
      if not pg_has_role(v_role, 'service_role', 'member') or not pg_has_role(v_role, 'anon', 'member')
        or not pg_has_role(v_role, 'authenticated', 'member') then
        execute format('grant anon, authenticated, service_role to %I', v_role);
      end if;
    exception when unique_violation then null;
    end;
  end loop;
end $$;

create schema if not exists extensions;

-- Accounts and the caller's claims.
create schema if not exists auth;
grant usage on schema auth to anon, authenticated, service_role;
create table if not exists auth.users (
  id                 uuid primary key default gen_random_uuid(),
  email              text unique,
  raw_app_meta_data  jsonb,
  raw_user_meta_data jsonb,
  created_at         timestamptz not null default now(),
  updated_at         timestamptz not null default now()
);
-- After a transaction the claims read '', not NULL.
create or replace function auth.jwt() returns jsonb language sql stable
as $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;
create or replace function auth.uid() returns uuid language sql stable
as $$ select (auth.jwt() ->> 'sub')::uuid $$;
create or replace function auth.role() returns text language sql stable
as $$ select auth.jwt() ->> 'role' $$;

-- Files. The rows are the truth; the bytes lie with the storage server.
create schema if not exists storage;
grant usage on schema storage to anon, authenticated, service_role, supabase_storage_admin;
create table if not exists storage.buckets (
  id                 text primary key,
  name               text not null unique,
  owner              uuid,
  owner_id           text,
  public             boolean default false,
  file_size_limit    bigint,
  allowed_mime_types text[],
  created_at         timestamptz default now(),
  updated_at         timestamptz default now()
);
create table if not exists storage.objects (
  id               uuid primary key default gen_random_uuid(),
  bucket_id        text references storage.buckets,
  name             text,
  owner            uuid,
  owner_id         text,
  version          text,
  metadata         jsonb,
  user_metadata    jsonb,
  path_tokens      text[] generated always as (string_to_array(name, '/')) stored,
  created_at       timestamptz default now(),
  updated_at       timestamptz default now(),
  last_accessed_at timestamptz default now()
);
create unique index if not exists bucketid_objname on storage.objects (bucket_id, name collate "C");
create or replace function storage.foldername(name text) returns text[] language sql immutable
as $$ select (string_to_array(name, '/'))[1:cardinality(string_to_array(name, '/')) - 1] $$;
create or replace function storage.filename(name text) returns text language sql immutable
as $$ select (string_to_array(name, '/'))[cardinality(string_to_array(name, '/'))] $$;
create or replace function storage.extension(name text) returns text language sql immutable
as $$ select reverse(split_part(reverse(storage.filename(name)), '.', 1)) $$;
alter table storage.buckets enable row level security;
alter table storage.objects enable row level security;
grant select, insert, update, delete on storage.buckets, storage.objects to anon, authenticated, service_role;
-- The server itself looks up buckets and sweeps bytes without a row, whoever asks.
grant select on storage.buckets, storage.objects to supabase_storage_admin;
drop policy if exists storage_server_reads_buckets on storage.buckets;
create policy storage_server_reads_buckets on storage.buckets for select to supabase_storage_admin using (true);
drop policy if exists storage_server_reads_objects on storage.objects;
create policy storage_server_reads_objects on storage.objects for select to supabase_storage_admin using (true);

-- State of the local queue; on a hosted platform QStash keeps its own.
create schema if not exists assay_queue authorization assay_queue;
