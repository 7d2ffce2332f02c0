-- Everything of Assay lives here: in a team's own Supabase project nothing collides, and PostgREST does not show it.
create schema if not exists assay;

-- Login roles of the two programs. NOINHERIT and without BYPASSRLS: every row they touch passes a policy.
do $$
begin
  if not exists (select from pg_roles where rolname = 'assay_edge') then
    create role assay_edge login noinherit;
  end if;
exception when duplicate_object or unique_violation then null; -- another database of this cluster was faster
end $$;
do $$
begin
  if not exists (select from pg_roles where rolname = 'assay_worker') then
    create role assay_worker login noinherit;
  end if;
exception when duplicate_object or unique_violation then null;
end $$;
grant authenticated to assay_edge;

revoke all on schema assay from public;
grant usage on schema assay to authenticated, assay_edge, assay_worker;

-- The calling person. As its owner, so that the login roles need no right in the schema auth, which a hosted project may not give.
create function assay.user_id() returns uuid
language sql stable security definer set search_path = ''
as $$ select auth.uid() $$;
revoke all on function assay.user_id() from public;
grant execute on function assay.user_id() to authenticated, assay_edge, assay_worker;
