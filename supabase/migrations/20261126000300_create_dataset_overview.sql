-- Datasets with what was logged about them.
create view assay.dataset_overview with (security_invoker = true) as
select
  d.id as dataset_id, d.project_id, p.name as project, d.name, d.created_at,
  (select count(*)::int from assay.runs r where r.dataset_id = d.id) as n_runs,
  (select v.n_samples from assay.dataset_versions v where v.dataset_id = d.id order by v.created_at desc, v.id limit 1) as n_samples,
  (select max(r.created_at) from assay.runs r where r.dataset_id = d.id) as last_run_at
from assay.datasets d
join assay.projects p on p.id = d.project_id;
grant select on assay.dataset_overview to authenticated;
