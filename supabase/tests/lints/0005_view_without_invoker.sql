-- Views that would read with their owner's rights.
select c.relname from pg_class c
where c.relnamespace = 'assay'::regnamespace and c.relkind = 'v'
  and not coalesce('security_invoker=true' = any (c.reloptions), false);
