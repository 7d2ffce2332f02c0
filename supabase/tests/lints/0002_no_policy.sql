-- Tables with row-level security but no policy: nobody but the owner could read them.
select c.relname from pg_class c
where c.relnamespace = 'assay'::regnamespace and c.relkind in ('r', 'p')
  and not exists (select from pg_policy p where p.polrelid = c.oid);
