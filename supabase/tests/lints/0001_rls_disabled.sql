-- Tables of the schema without row-level security.
select c.relname from pg_class c
where c.relnamespace = 'assay'::regnamespace and c.relkind in ('r', 'p') and not c.relrowsecurity;
