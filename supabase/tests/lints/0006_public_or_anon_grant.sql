-- Anything that everybody, or a caller without a login, may touch.
select 'relation' as what, c.relname as name from pg_class c, aclexplode(c.relacl) a
where c.relnamespace = 'assay'::regnamespace and a.grantee in (0, 'anon'::regrole)
union all
select 'function', p.oid::regprocedure::text from pg_proc p
where p.pronamespace = 'assay'::regnamespace and p.prorettype <> 'trigger'::regtype
  and (p.proacl is null or exists (select from aclexplode(p.proacl) a where a.grantee in (0, 'anon'::regrole)))
union all
select 'schema', 'assay' from pg_namespace n, aclexplode(n.nspacl) a
where n.nspname = 'assay' and a.grantee in (0, 'anon'::regrole);
