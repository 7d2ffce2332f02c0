-- Foreign keys whose columns no index starts with: deleting the parent would scan the table.
select k.conrelid::regclass as table_name, k.conname
from pg_constraint k
where k.contype = 'f' and k.connamespace = 'assay'::regnamespace
  and not exists (
    select from pg_index i
    where i.indrelid = k.conrelid
      and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey
      and k.conkey @> (i.indkey::int2[])[0:cardinality(k.conkey) - 1]
  );
