-- Functions that a caller's search_path could redirect.
select p.oid::regprocedure from pg_proc p
where p.pronamespace = 'assay'::regnamespace
  and not exists (select from unnest(p.proconfig) as c (setting) where c.setting like 'search\_path=%');
