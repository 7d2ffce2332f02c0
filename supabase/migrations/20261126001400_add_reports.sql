-- What a revision says of its run as a whole: RunReport of shared/types/report.ts; null: it was made before there were reports.
alter table assay.revisions add column report jsonb;
