-- Written by `deno task schema`; do not edit.

create schema assay;

create table assay.api_keys (
  id uuid not null default gen_random_uuid(),
  project_id uuid not null,
  prefix text not null,
  secret_hash bytea not null,
  name text not null,
  scopes text[] not null,
  created_at timestamp with time zone not null default now(),
  last_used_at timestamp with time zone,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone
);

alter table assay.api_keys add constraint api_keys_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)));

alter table assay.api_keys add constraint api_keys_pkey PRIMARY KEY (id);

alter table assay.api_keys add constraint api_keys_prefix_check CHECK ((prefix ~ '^[0-9A-Za-z]{8,16}$'::text));

alter table assay.api_keys add constraint api_keys_prefix_key UNIQUE (prefix);

alter table assay.api_keys add constraint api_keys_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.api_keys add constraint api_keys_scopes_check CHECK (((cardinality(scopes) > 0) AND (scopes <@ ARRAY['ingest'::text, 'read'::text, 'write'::text, 'admin'::text])));

alter table assay.api_keys add constraint api_keys_secret_hash_check CHECK ((octet_length(secret_hash) = 32));

CREATE INDEX api_keys_project_id_idx ON assay.api_keys USING btree (project_id);

alter table assay.api_keys enable row level security;

create policy api_keys_insert_edge on assay.api_keys as permissive for insert to assay_edge
  with check ((project_id = ANY (ARRAY( SELECT assay.project_ids('admin'::text) AS project_ids))));

create policy api_keys_select_edge on assay.api_keys as permissive for select to assay_edge
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids('admin'::text) AS project_ids))));

create policy api_keys_update_edge on assay.api_keys as permissive for update to assay_edge
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids('admin'::text) AS project_ids))))
  with check ((project_id = ANY (ARRAY( SELECT assay.project_ids('admin'::text) AS project_ids))));

create table assay.audit_samples (
  audit_id uuid not null,
  project_id uuid not null,
  position integer not null,
  sample_key bigint not null,
  split text not null,
  given_label integer not null,
  bin integer not null
);

alter table assay.audit_samples add constraint audit_samples_audit_id_fkey FOREIGN KEY (audit_id) REFERENCES assay.audits(id) ON DELETE CASCADE;

alter table assay.audit_samples add constraint audit_samples_pkey PRIMARY KEY (audit_id, "position");

alter table assay.audit_samples add constraint audit_samples_position_check CHECK (("position" >= 0));

alter table assay.audit_samples add constraint audit_samples_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.audit_samples add constraint audit_samples_sample_key_fkey FOREIGN KEY (sample_key) REFERENCES assay.samples(id) ON DELETE CASCADE;

alter table assay.audit_samples add constraint audit_samples_split_check CHECK ((split = ANY (ARRAY['training'::text, 'validation'::text, 'test'::text, 'inference'::text])));

CREATE INDEX audit_samples_project_id_idx ON assay.audit_samples USING btree (project_id);

CREATE INDEX audit_samples_sample_key_idx ON assay.audit_samples USING btree (sample_key);

alter table assay.audit_samples enable row level security;

create policy audit_samples_insert_edge on assay.audit_samples as permissive for insert to assay_edge
  with check ((project_id = ANY (ARRAY( SELECT assay.project_ids('write'::text) AS project_ids))));

create policy audit_samples_select_member on assay.audit_samples as permissive for select to authenticated
  using (((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))) AND (audit_id IN ( SELECT audits.id
   FROM assay.audits))));

create policy audit_samples_select_worker on assay.audit_samples as permissive for select to assay_worker
  using (true);

create table assay.audits (
  id uuid not null default gen_random_uuid(),
  project_id uuid not null,
  run_id uuid not null,
  revision_id uuid not null,
  n_asked integer not null,
  seed integer not null,
  n_reviewed integer not null,
  n_confirmed integer not null,
  bins jsonb not null,
  strata jsonb not null,
  created_by uuid,
  created_at timestamp with time zone not null default now()
);

alter table assay.audits add constraint audits_check CHECK (((n_confirmed >= 0) AND (n_confirmed <= n_reviewed)));

alter table assay.audits add constraint audits_n_asked_check CHECK (((n_asked >= 1) AND (n_asked <= 2000)));

alter table assay.audits add constraint audits_n_reviewed_check CHECK ((n_reviewed >= 0));

alter table assay.audits add constraint audits_pkey PRIMARY KEY (id);

alter table assay.audits add constraint audits_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.audits add constraint audits_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES assay.revisions(id) ON DELETE CASCADE;

alter table assay.audits add constraint audits_revision_id_n_asked_seed_key UNIQUE (revision_id, n_asked, seed);

alter table assay.audits add constraint audits_run_id_fkey FOREIGN KEY (run_id) REFERENCES assay.runs(id) ON DELETE CASCADE;

CREATE INDEX audits_project_id_idx ON assay.audits USING btree (project_id);

CREATE INDEX audits_run_id_idx ON assay.audits USING btree (run_id, created_at DESC, id);

alter table assay.audits enable row level security;

create policy audits_hide_deleted on assay.audits as restrictive for select to assay_edge, authenticated
  using (COALESCE((run_id <> ALL (ARRAY( SELECT assay.deleted_ids('runs'::text) AS deleted_ids))), false));

create policy audits_insert_edge on assay.audits as permissive for insert to assay_edge
  with check ((project_id = ANY (ARRAY( SELECT assay.project_ids('write'::text) AS project_ids))));

create policy audits_select_member on assay.audits as permissive for select to authenticated
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))));

create policy audits_select_worker on assay.audits as permissive for select to assay_worker
  using (true);

create table assay.class_pairs (
  revision_id uuid not null,
  project_id uuid not null,
  split text not null,
  given_label integer not null,
  suggested_label integer not null,
  n_flagged integer not null,
  share_of_given real not null
);

alter table assay.class_pairs add constraint class_pairs_given_label_check CHECK ((given_label >= 0));

alter table assay.class_pairs add constraint class_pairs_pkey PRIMARY KEY (revision_id, split, given_label, suggested_label);

alter table assay.class_pairs add constraint class_pairs_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.class_pairs add constraint class_pairs_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES assay.revisions(id) ON DELETE CASCADE;

alter table assay.class_pairs add constraint class_pairs_suggested_label_check CHECK ((suggested_label >= 0));

CREATE INDEX class_pairs_project_id_idx ON assay.class_pairs USING btree (project_id);

alter table assay.class_pairs enable row level security;

create policy class_pairs_all_worker on assay.class_pairs as permissive for all to assay_worker
  using (true)
  with check (true);

create policy class_pairs_select_member on assay.class_pairs as permissive for select to authenticated
  using (((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))) AND (revision_id IN ( SELECT revisions.id
   FROM assay.revisions
  WHERE (revisions.published_at IS NOT NULL)))));

create table assay.class_reports (
  revision_id uuid not null,
  project_id uuid not null,
  split text not null,
  label integer not null,
  n_given integer not null,
  n_predicted integer not null,
  n_mislabeled integer not null,
  precision real,
  recall real,
  f1 real,
  mean_data_error_potential real
);

alter table assay.class_reports add constraint class_reports_label_check CHECK ((label >= 0));

alter table assay.class_reports add constraint class_reports_pkey PRIMARY KEY (revision_id, split, label);

alter table assay.class_reports add constraint class_reports_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.class_reports add constraint class_reports_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES assay.revisions(id) ON DELETE CASCADE;

CREATE INDEX class_reports_project_id_idx ON assay.class_reports USING btree (project_id);

alter table assay.class_reports enable row level security;

create policy class_reports_all_worker on assay.class_reports as permissive for all to assay_worker
  using (true)
  with check (true);

create policy class_reports_select_member on assay.class_reports as permissive for select to authenticated
  using (((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))) AND (revision_id IN ( SELECT revisions.id
   FROM assay.revisions
  WHERE (revisions.published_at IS NOT NULL)))));

create table assay.dataset_version_samples (
  dataset_version_id uuid not null,
  project_id uuid not null,
  split text not null,
  sample_key bigint not null,
  given_label integer
);

alter table assay.dataset_version_samples add constraint dataset_version_samples_dataset_version_id_fkey FOREIGN KEY (dataset_version_id) REFERENCES assay.dataset_versions(id) ON DELETE CASCADE;

alter table assay.dataset_version_samples add constraint dataset_version_samples_given_label_check CHECK ((given_label >= 0));

alter table assay.dataset_version_samples add constraint dataset_version_samples_pkey PRIMARY KEY (dataset_version_id, split, sample_key);

alter table assay.dataset_version_samples add constraint dataset_version_samples_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.dataset_version_samples add constraint dataset_version_samples_sample_key_fkey FOREIGN KEY (sample_key) REFERENCES assay.samples(id) ON DELETE CASCADE;

alter table assay.dataset_version_samples add constraint dataset_version_samples_split_check CHECK ((split = ANY (ARRAY['training'::text, 'validation'::text, 'test'::text, 'inference'::text])));

CREATE INDEX dataset_version_samples_project_id_idx ON assay.dataset_version_samples USING btree (project_id);

CREATE INDEX dataset_version_samples_sample_key_idx ON assay.dataset_version_samples USING btree (sample_key);

alter table assay.dataset_version_samples enable row level security;

create policy dataset_version_samples_all_worker on assay.dataset_version_samples as permissive for all to assay_worker
  using (true)
  with check (true);

create policy dataset_version_samples_hide_deleted on assay.dataset_version_samples as restrictive for select to assay_edge, authenticated
  using (COALESCE((dataset_version_id <> ALL (ARRAY( SELECT assay.deleted_ids('dataset_versions'::text) AS deleted_ids))), false));

create policy dataset_version_samples_select_member on assay.dataset_version_samples as permissive for select to authenticated
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))));

create table assay.dataset_versions (
  id uuid not null default gen_random_uuid(),
  project_id uuid not null,
  dataset_id uuid not null,
  parent_id uuid,
  digest bytea not null,
  label_names text[] not null,
  n_samples integer not null,
  created_at timestamp with time zone not null default now()
);

alter table assay.dataset_versions add constraint dataset_versions_dataset_id_digest_key UNIQUE (dataset_id, digest);

alter table assay.dataset_versions add constraint dataset_versions_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES assay.datasets(id) ON DELETE CASCADE;

alter table assay.dataset_versions add constraint dataset_versions_digest_check CHECK ((octet_length(digest) = 32));

alter table assay.dataset_versions add constraint dataset_versions_n_samples_check CHECK ((n_samples >= 0));

alter table assay.dataset_versions add constraint dataset_versions_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES assay.dataset_versions(id) ON DELETE SET NULL;

alter table assay.dataset_versions add constraint dataset_versions_pkey PRIMARY KEY (id);

alter table assay.dataset_versions add constraint dataset_versions_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

CREATE INDEX dataset_versions_parent_id_idx ON assay.dataset_versions USING btree (parent_id);

CREATE INDEX dataset_versions_project_id_idx ON assay.dataset_versions USING btree (project_id);

alter table assay.dataset_versions enable row level security;

create policy dataset_versions_all_worker on assay.dataset_versions as permissive for all to assay_worker
  using (true)
  with check (true);

create policy dataset_versions_hide_deleted on assay.dataset_versions as restrictive for select to assay_edge, authenticated
  using (COALESCE((dataset_id <> ALL (ARRAY( SELECT assay.deleted_ids('datasets'::text) AS deleted_ids))), false));

create policy dataset_versions_select_member on assay.dataset_versions as permissive for select to authenticated
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))));

create table assay.datasets (
  id uuid not null default gen_random_uuid(),
  project_id uuid not null,
  name text not null,
  created_at timestamp with time zone not null default now()
);

alter table assay.datasets add constraint datasets_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)));

alter table assay.datasets add constraint datasets_pkey PRIMARY KEY (id);

alter table assay.datasets add constraint datasets_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.datasets add constraint datasets_project_id_name_key UNIQUE (project_id, name);

alter table assay.datasets enable row level security;

create policy datasets_all_worker on assay.datasets as permissive for all to assay_worker
  using (true)
  with check (true);

create policy datasets_hide_deleted on assay.datasets as restrictive for select to assay_edge, authenticated
  using (COALESCE((id <> ALL (ARRAY( SELECT assay.deleted_ids('datasets'::text) AS deleted_ids))), false));

create policy datasets_insert_edge on assay.datasets as permissive for insert to assay_edge
  with check ((project_id = ANY (ARRAY( SELECT assay.project_ids('ingest'::text) AS project_ids))));

create policy datasets_select_edge on assay.datasets as permissive for select to assay_edge
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids('any'::text) AS project_ids))));

create policy datasets_select_member on assay.datasets as permissive for select to authenticated
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))));

create table assay.deletions (
  subject_id uuid not null,
  subject text not null,
  project_id uuid not null,
  deleted_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone
);

alter table assay.deletions add constraint deletions_pkey PRIMARY KEY (subject_id);

alter table assay.deletions add constraint deletions_subject_check CHECK ((subject = ANY (ARRAY['run'::text, 'dataset'::text, 'project'::text])));

CREATE INDEX deletions_ended_at_idx ON assay.deletions USING btree (ended_at);

CREATE INDEX deletions_open_idx ON assay.deletions USING btree (deleted_at) WHERE (ended_at IS NULL);

CREATE INDEX deletions_project_id_idx ON assay.deletions USING btree (project_id);

alter table assay.deletions enable row level security;

create policy deletions_select_edge on assay.deletions as permissive for select to assay_edge
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids('any'::text) AS project_ids))));

create policy deletions_select_worker on assay.deletions as permissive for select to assay_worker
  using (true);

create table assay.encodings (
  path text not null,
  project_id uuid not null,
  dataset_id uuid not null,
  run_id uuid not null,
  encoder text not null,
  n_contents integer not null,
  created_at timestamp with time zone not null default now()
);

alter table assay.encodings add constraint encodings_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES assay.datasets(id) ON DELETE CASCADE;

alter table assay.encodings add constraint encodings_encoder_check CHECK (((octet_length(encoder) >= 1) AND (octet_length(encoder) <= 200)));

alter table assay.encodings add constraint encodings_n_contents_check CHECK ((n_contents > 0));

alter table assay.encodings add constraint encodings_pkey PRIMARY KEY (path);

alter table assay.encodings add constraint encodings_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.encodings add constraint encodings_run_id_fkey FOREIGN KEY (run_id) REFERENCES assay.runs(id) ON DELETE CASCADE;

CREATE INDEX encodings_dataset_id_idx ON assay.encodings USING btree (dataset_id, encoder, created_at DESC);

CREATE INDEX encodings_project_id_idx ON assay.encodings USING btree (project_id);

CREATE INDEX encodings_run_id_idx ON assay.encodings USING btree (run_id);

alter table assay.encodings enable row level security;

create policy encodings_all_worker on assay.encodings as permissive for all to assay_worker
  using (true)
  with check (true);

create policy encodings_hide_deleted on assay.encodings as restrictive for select to assay_edge, authenticated
  using (COALESCE((run_id <> ALL (ARRAY( SELECT assay.deleted_ids('runs'::text) AS deleted_ids))), false));

create table assay.jobs (
  id uuid not null default gen_random_uuid(),
  project_id uuid not null,
  run_id uuid,
  job_kind text not null,
  state text not null default 'queued'::text,
  stage text not null,
  fraction real not null default 0,
  pending_tasks integer not null,
  request jsonb not null default '{}'::jsonb,
  stage_seconds jsonb not null default '{}'::jsonb,
  stage_started_at timestamp with time zone not null default now(),
  device text,
  error_code text,
  error text,
  created_by uuid,
  created_at timestamp with time zone not null default now(),
  started_at timestamp with time zone,
  finished_at timestamp with time zone
);

alter table assay.jobs add constraint jobs_finished_at_iff_ended CHECK (((state = ANY (ARRAY['succeeded'::text, 'failed'::text, 'cancelled'::text])) = (finished_at IS NOT NULL)));

alter table assay.jobs add constraint jobs_fraction_check CHECK (((fraction >= (0)::double precision) AND (fraction <= (1)::double precision)));

alter table assay.jobs add constraint jobs_job_kind_check CHECK ((job_kind = ANY (ARRAY['score_run'::text, 'rescore_run'::text, 'export_project'::text, 'delete_run'::text, 'delete_dataset'::text, 'delete_project'::text])));

alter table assay.jobs add constraint jobs_pending_tasks_check CHECK ((pending_tasks >= 0));

alter table assay.jobs add constraint jobs_pkey PRIMARY KEY (id);

alter table assay.jobs add constraint jobs_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.jobs add constraint jobs_run_id_fkey FOREIGN KEY (run_id) REFERENCES assay.runs(id) ON DELETE CASCADE;

alter table assay.jobs add constraint jobs_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text])));

CREATE INDEX jobs_idempotency_key_idx ON assay.jobs USING btree (project_id, ((request ->> 'idempotency_key'::text))) WHERE ((request ->> 'idempotency_key'::text) IS NOT NULL);

CREATE UNIQUE INDEX jobs_one_open_deletion_idx ON assay.jobs USING btree (((request ->> 'subject_id'::text))) WHERE ((job_kind = ANY (ARRAY['delete_run'::text, 'delete_dataset'::text, 'delete_project'::text])) AND (state = ANY (ARRAY['queued'::text, 'running'::text])));

CREATE UNIQUE INDEX jobs_one_open_scoring_idx ON assay.jobs USING btree (run_id) WHERE ((job_kind = ANY (ARRAY['score_run'::text, 'rescore_run'::text])) AND (state = ANY (ARRAY['queued'::text, 'running'::text])));

CREATE INDEX jobs_project_id_created_at_idx ON assay.jobs USING btree (project_id, created_at DESC, id);

CREATE INDEX jobs_run_id_idx ON assay.jobs USING btree (run_id);

alter table assay.jobs enable row level security;

create policy jobs_all_worker on assay.jobs as permissive for all to assay_worker
  using (true)
  with check (true);

create policy jobs_hide_deleted on assay.jobs as restrictive for select to assay_edge, authenticated
  using (COALESCE((id <> ALL (ARRAY( SELECT assay.deleted_ids('jobs'::text) AS deleted_ids))), false));

create policy jobs_insert_edge on assay.jobs as permissive for insert to assay_edge
  with check ((project_id = ANY (ARRAY( SELECT assay.project_ids('ingest'::text) AS project_ids
UNION ALL
 SELECT assay.project_ids('write'::text) AS project_ids))));

create policy jobs_select_edge on assay.jobs as permissive for select to assay_edge
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids('any'::text) AS project_ids))));

create policy jobs_select_member on assay.jobs as permissive for select to authenticated
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))));

create policy jobs_update_edge on assay.jobs as permissive for update to assay_edge
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids('write'::text) AS project_ids))))
  with check ((project_id = ANY (ARRAY( SELECT assay.project_ids('write'::text) AS project_ids))));

create table assay.members (
  project_id uuid not null,
  user_id uuid not null,
  role text not null,
  created_at timestamp with time zone not null default now()
);

alter table assay.members add constraint members_pkey PRIMARY KEY (project_id, user_id);

alter table assay.members add constraint members_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.members add constraint members_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'editor'::text, 'owner'::text])));

alter table assay.members add constraint members_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE;

CREATE INDEX members_user_id_idx ON assay.members USING btree (user_id);

CREATE TRIGGER members_keep_owner BEFORE DELETE OR UPDATE ON assay.members FOR EACH ROW EXECUTE FUNCTION assay.members_keep_owner();

alter table assay.members enable row level security;

create policy members_delete_edge on assay.members as permissive for delete to assay_edge
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids('admin'::text) AS project_ids))));

create policy members_insert_edge on assay.members as permissive for insert to assay_edge
  with check ((project_id = ANY (ARRAY( SELECT assay.project_ids('admin'::text) AS project_ids))));

create policy members_select_edge on assay.members as permissive for select to assay_edge
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids('any'::text) AS project_ids))));

create policy members_select_member on assay.members as permissive for select to authenticated
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))));

create policy members_update_edge on assay.members as permissive for update to assay_edge
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids('admin'::text) AS project_ids))))
  with check ((project_id = ANY (ARRAY( SELECT assay.project_ids('admin'::text) AS project_ids))));

create table assay.models (
  id uuid not null,
  project_id uuid not null,
  name text not null,
  input_kind text not null,
  input_name text,
  preprocessing jsonb,
  class_names text[] not null,
  outputs jsonb not null,
  request_digest bytea not null,
  state text not null default 'pending'::text,
  storage_path text,
  size_bytes bigint,
  sha256 bytea,
  created_by uuid,
  created_at timestamp with time zone not null default now(),
  deleted_at timestamp with time zone
);

alter table assay.models add constraint models_bytes_iff_ready CHECK ((num_nulls(size_bytes, sha256, storage_path) =
CASE state
    WHEN 'ready'::text THEN 0
    ELSE 3
END));

alter table assay.models add constraint models_class_names_check CHECK (((cardinality(class_names) >= 1) AND (cardinality(class_names) <= 10000)));

alter table assay.models add constraint models_input_kind_check CHECK ((input_kind = ANY (ARRAY['features'::text, 'image'::text, 'text'::text])));

alter table assay.models add constraint models_input_name_check CHECK (((length(input_name) >= 1) AND (length(input_name) <= 500)));

alter table assay.models add constraint models_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)));

alter table assay.models add constraint models_pkey PRIMARY KEY (id);

alter table assay.models add constraint models_preprocessing_iff_image CHECK (((input_kind = 'image'::text) = (preprocessing IS NOT NULL)));

alter table assay.models add constraint models_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.models add constraint models_request_digest_check CHECK ((octet_length(request_digest) = 32));

alter table assay.models add constraint models_sha256_check CHECK ((octet_length(sha256) = 32));

alter table assay.models add constraint models_size_bytes_check CHECK ((size_bytes > 0));

alter table assay.models add constraint models_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'ready'::text])));

CREATE INDEX models_lost_idx ON assay.models USING btree (created_at) WHERE ((state = 'pending'::text) OR (deleted_at IS NOT NULL));

CREATE INDEX models_project_id_created_at_idx ON assay.models USING btree (project_id, created_at DESC, id);

alter table assay.models enable row level security;

create policy models_delete_worker on assay.models as permissive for delete to assay_worker
  using (true);

create policy models_hide_deleted on assay.models as restrictive for select to assay_edge, authenticated
  using ((deleted_at IS NULL));

create policy models_insert_edge on assay.models as permissive for insert to assay_edge
  with check ((project_id = ANY (ARRAY( SELECT assay.project_ids('admin'::text) AS project_ids))));

create policy models_select_edge on assay.models as permissive for select to assay_edge
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids('any'::text) AS project_ids))));

create policy models_select_member on assay.models as permissive for select to authenticated
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))));

create policy models_select_worker on assay.models as permissive for select to assay_worker
  using (true);

create policy models_update_edge on assay.models as permissive for update to assay_edge
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids('admin'::text) AS project_ids))))
  with check ((project_id = ANY (ARRAY( SELECT assay.project_ids('admin'::text) AS project_ids))));

create policy models_update_worker on assay.models as permissive for update to assay_worker
  using (true)
  with check (true);

create table assay.outbox (
  id bigint not null generated always as identity,
  task_id uuid not null,
  project_id uuid not null,
  created_at timestamp with time zone not null default now(),
  delay_seconds integer not null default 0,
  claimed_until timestamp with time zone,
  sent_at timestamp with time zone
);

alter table assay.outbox add constraint outbox_delay_seconds_check CHECK ((delay_seconds >= 0));

alter table assay.outbox add constraint outbox_pkey PRIMARY KEY (id);

alter table assay.outbox add constraint outbox_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.outbox add constraint outbox_task_id_fkey FOREIGN KEY (task_id) REFERENCES assay.tasks(id) ON DELETE CASCADE;

CREATE INDEX outbox_project_id_idx ON assay.outbox USING btree (project_id);

CREATE INDEX outbox_task_id_idx ON assay.outbox USING btree (task_id);

CREATE INDEX outbox_unsent_idx ON assay.outbox USING btree (id) WHERE (sent_at IS NULL);

alter table assay.outbox enable row level security;

create policy outbox_all_worker on assay.outbox as permissive for all to assay_worker
  using (true)
  with check (true);

create policy outbox_insert_edge on assay.outbox as permissive for insert to assay_edge
  with check ((project_id = ANY (ARRAY( SELECT assay.project_ids('ingest'::text) AS project_ids
UNION ALL
 SELECT assay.project_ids('write'::text) AS project_ids))));

create policy outbox_select_edge on assay.outbox as permissive for select to assay_edge
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids('any'::text) AS project_ids))));

create policy outbox_update_edge on assay.outbox as permissive for update to assay_edge
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids('ingest'::text) AS project_ids
UNION ALL
 SELECT assay.project_ids('write'::text) AS project_ids))));

create table assay.parts (
  id uuid not null default gen_random_uuid(),
  project_id uuid not null,
  run_id uuid not null,
  idempotency_key text not null,
  part_kind text not null,
  split text not null,
  inference_name text not null default ''::text,
  epoch integer not null default 0,
  writer text not null,
  generation integer not null default 0,
  seq integer not null,
  prediction_kind text,
  content_type text not null,
  content_encoding text not null,
  storage_path text not null,
  size_bytes bigint not null,
  sha256 bytea not null,
  created_at timestamp with time zone not null default now()
);

alter table assay.parts add constraint parts_content_encoding_check CHECK ((content_encoding = ANY (ARRAY['identity'::text, 'gzip'::text])));

alter table assay.parts add constraint parts_epoch_check CHECK ((epoch >= 0));

alter table assay.parts add constraint parts_generation_check CHECK ((generation >= 0));

alter table assay.parts add constraint parts_idempotency_key_check CHECK (((length(idempotency_key) >= 1) AND (length(idempotency_key) <= 200)));

alter table assay.parts add constraint parts_inference_name_check CHECK ((length(inference_name) <= 200));

alter table assay.parts add constraint parts_inference_name_iff_inference CHECK (((split = 'inference'::text) = (inference_name <> ''::text)));

alter table assay.parts add constraint parts_part_kind_check CHECK ((part_kind = ANY (ARRAY['samples'::text, 'outputs'::text])));

alter table assay.parts add constraint parts_pkey PRIMARY KEY (id);

alter table assay.parts add constraint parts_position_unique UNIQUE (run_id, writer, generation, part_kind, split, inference_name, epoch, seq);

alter table assay.parts add constraint parts_prediction_kind_check CHECK ((prediction_kind = ANY (ARRAY['in_sample'::text, 'out_of_sample'::text])));

alter table assay.parts add constraint parts_prediction_kind_iff_outputs CHECK (((part_kind = 'outputs'::text) = (prediction_kind IS NOT NULL)));

alter table assay.parts add constraint parts_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.parts add constraint parts_run_id_fkey FOREIGN KEY (run_id) REFERENCES assay.runs(id) ON DELETE CASCADE;

alter table assay.parts add constraint parts_run_id_idempotency_key_key UNIQUE (run_id, idempotency_key);

alter table assay.parts add constraint parts_seq_check CHECK ((seq >= 0));

alter table assay.parts add constraint parts_sha256_check CHECK ((octet_length(sha256) = 32));

alter table assay.parts add constraint parts_size_bytes_check CHECK ((size_bytes >= 0));

alter table assay.parts add constraint parts_split_check CHECK ((split = ANY (ARRAY['training'::text, 'validation'::text, 'test'::text, 'inference'::text])));

alter table assay.parts add constraint parts_writer_check CHECK (((length(writer) >= 1) AND (length(writer) <= 100)));

CREATE INDEX parts_project_id_idx ON assay.parts USING btree (project_id);

alter table assay.parts enable row level security;

create policy parts_hide_deleted on assay.parts as restrictive for select to assay_edge, authenticated
  using (COALESCE((run_id <> ALL (ARRAY( SELECT assay.deleted_ids('runs'::text) AS deleted_ids))), false));

create policy parts_insert_edge on assay.parts as permissive for insert to assay_edge
  with check ((project_id = ANY (ARRAY( SELECT assay.project_ids('ingest'::text) AS project_ids))));

create policy parts_select_edge on assay.parts as permissive for select to assay_edge
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids('ingest'::text) AS project_ids))));

create policy parts_select_member on assay.parts as permissive for select to authenticated
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))));

create policy parts_select_worker on assay.parts as permissive for select to assay_worker
  using (true);

create table assay.projects (
  id uuid not null default gen_random_uuid(),
  name text not null,
  created_at timestamp with time zone not null default now(),
  retention_days integer,
  parts_retention_days integer
);

alter table assay.projects add constraint projects_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)));

alter table assay.projects add constraint projects_parts_retention_days_check CHECK (((parts_retention_days >= 1) AND (parts_retention_days <= 36500)));

alter table assay.projects add constraint projects_pkey PRIMARY KEY (id);

alter table assay.projects add constraint projects_retention_days_check CHECK (((retention_days >= 1) AND (retention_days <= 36500)));

alter table assay.projects enable row level security;

create policy projects_select_edge on assay.projects as permissive for select to assay_edge
  using ((id = ANY (ARRAY( SELECT assay.project_ids('any'::text) AS project_ids))));

create policy projects_select_member on assay.projects as permissive for select to authenticated
  using ((id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))));

create policy projects_select_worker on assay.projects as permissive for select to assay_worker
  using (true);

create policy projects_update_edge on assay.projects as permissive for update to assay_edge
  using ((id = ANY (ARRAY( SELECT assay.project_ids('admin'::text) AS project_ids))));

create table assay.revision_difference_ranks (
  to_revision_id uuid not null,
  from_revision_id uuid not null,
  project_id uuid not null,
  last_rank integer not null,
  changes integer not null,
  ranks integer[] not null,
  changes_of_rank smallint[] not null
);

alter table assay.revision_difference_ranks add constraint revision_difference_ranks_last_rank_check CHECK ((last_rank > 0));

alter table assay.revision_difference_ranks add constraint revision_difference_ranks_pkey PRIMARY KEY (to_revision_id, from_revision_id, last_rank);

alter table assay.revision_difference_ranks add constraint revision_difference_ranks_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.revision_difference_ranks add constraint revision_difference_ranks_to_revision_id_from_revision_id_fkey FOREIGN KEY (to_revision_id, from_revision_id) REFERENCES assay.revision_differences(to_revision_id, from_revision_id) ON DELETE CASCADE;

CREATE INDEX revision_difference_ranks_project_id_idx ON assay.revision_difference_ranks USING btree (project_id);

alter table assay.revision_difference_ranks enable row level security;

create policy revision_difference_ranks_all_worker on assay.revision_difference_ranks as permissive for all to assay_worker
  using (true)
  with check (true);

create policy revision_difference_ranks_select_member on assay.revision_difference_ranks as permissive for select to authenticated
  using (COALESCE(((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))) AND (from_revision_id IN ( SELECT revisions.id
   FROM assay.revisions
  WHERE (revisions.published_at IS NOT NULL))) AND (to_revision_id IN ( SELECT revisions.id
   FROM assay.revisions
  WHERE (revisions.published_at IS NOT NULL)))), false));

create table assay.revision_differences (
  to_revision_id uuid not null,
  from_revision_id uuid not null,
  project_id uuid not null,
  run_id uuid not null,
  counts jsonb not null,
  created_at timestamp with time zone not null default now()
);

alter table assay.revision_differences add constraint revision_differences_from_revision_id_fkey FOREIGN KEY (from_revision_id) REFERENCES assay.revisions(id) ON DELETE CASCADE;

alter table assay.revision_differences add constraint revision_differences_of_two CHECK ((to_revision_id <> from_revision_id));

alter table assay.revision_differences add constraint revision_differences_pkey PRIMARY KEY (to_revision_id, from_revision_id);

alter table assay.revision_differences add constraint revision_differences_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.revision_differences add constraint revision_differences_run_id_fkey FOREIGN KEY (run_id) REFERENCES assay.runs(id) ON DELETE CASCADE;

alter table assay.revision_differences add constraint revision_differences_to_revision_id_fkey FOREIGN KEY (to_revision_id) REFERENCES assay.revisions(id) ON DELETE CASCADE;

CREATE INDEX revision_differences_from_revision_id_idx ON assay.revision_differences USING btree (from_revision_id);

CREATE INDEX revision_differences_project_id_idx ON assay.revision_differences USING btree (project_id);

CREATE INDEX revision_differences_run_id_idx ON assay.revision_differences USING btree (run_id, created_at);

alter table assay.revision_differences enable row level security;

create policy revision_differences_all_worker on assay.revision_differences as permissive for all to assay_worker
  using (true)
  with check (true);

create policy revision_differences_select_member on assay.revision_differences as permissive for select to authenticated
  using (COALESCE(((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))) AND (from_revision_id IN ( SELECT revisions.id
   FROM assay.revisions
  WHERE (revisions.published_at IS NOT NULL))) AND (to_revision_id IN ( SELECT revisions.id
   FROM assay.revisions
  WHERE (revisions.published_at IS NOT NULL)))), false));

create table assay.revisions (
  id uuid not null,
  project_id uuid not null,
  run_id uuid not null,
  job_id uuid not null,
  parent_id uuid,
  number integer,
  settings jsonb not null default '{}'::jsonb,
  summary jsonb not null default '{}'::jsonb,
  columns_path text,
  n_samples integer not null default 0,
  created_at timestamp with time zone not null default now(),
  published_at timestamp with time zone,
  kept jsonb,
  report jsonb
);

alter table assay.revisions add constraint revisions_job_id_fkey FOREIGN KEY (job_id) REFERENCES assay.jobs(id) ON DELETE CASCADE;

alter table assay.revisions add constraint revisions_n_samples_check CHECK ((n_samples >= 0));

alter table assay.revisions add constraint revisions_number_check CHECK ((number > 0));

alter table assay.revisions add constraint revisions_number_iff_published CHECK (((number IS NULL) = (published_at IS NULL)));

alter table assay.revisions add constraint revisions_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES assay.revisions(id) ON DELETE SET NULL;

alter table assay.revisions add constraint revisions_pkey PRIMARY KEY (id);

alter table assay.revisions add constraint revisions_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.revisions add constraint revisions_run_id_fkey FOREIGN KEY (run_id) REFERENCES assay.runs(id) ON DELETE CASCADE;

alter table assay.revisions add constraint revisions_run_id_number_key UNIQUE (run_id, number);

CREATE INDEX revisions_job_id_idx ON assay.revisions USING btree (job_id);

CREATE INDEX revisions_parent_id_idx ON assay.revisions USING btree (parent_id);

CREATE INDEX revisions_project_id_idx ON assay.revisions USING btree (project_id);

alter table assay.revisions enable row level security;

create policy revisions_all_worker on assay.revisions as permissive for all to assay_worker
  using (true)
  with check (true);

create policy revisions_hide_deleted on assay.revisions as restrictive for select to assay_edge, authenticated
  using (COALESCE((run_id <> ALL (ARRAY( SELECT assay.deleted_ids('runs'::text) AS deleted_ids))), false));

create policy revisions_select_member on assay.revisions as permissive for select to authenticated
  using (((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))) AND (published_at IS NOT NULL)));

create table assay.row_problems (
  id bigint not null generated always as identity,
  revision_id uuid not null,
  project_id uuid not null,
  part_id uuid not null,
  row_number integer,
  column_name text,
  message text not null,
  n_rows integer not null
);

alter table assay.row_problems add constraint row_problems_n_rows_check CHECK ((n_rows > 0));

alter table assay.row_problems add constraint row_problems_part_id_fkey FOREIGN KEY (part_id) REFERENCES assay.parts(id) ON DELETE CASCADE;

alter table assay.row_problems add constraint row_problems_pkey PRIMARY KEY (id);

alter table assay.row_problems add constraint row_problems_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.row_problems add constraint row_problems_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES assay.revisions(id) ON DELETE CASCADE;

alter table assay.row_problems add constraint row_problems_row_number_check CHECK ((row_number >= 0));

CREATE INDEX row_problems_part_id_idx ON assay.row_problems USING btree (part_id);

CREATE INDEX row_problems_project_id_idx ON assay.row_problems USING btree (project_id);

CREATE INDEX row_problems_revision_id_idx ON assay.row_problems USING btree (revision_id);

alter table assay.row_problems enable row level security;

create policy row_problems_all_worker on assay.row_problems as permissive for all to assay_worker
  using (true)
  with check (true);

create policy row_problems_select_member on assay.row_problems as permissive for select to authenticated
  using (((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))) AND (revision_id IN ( SELECT revisions.id
   FROM assay.revisions
  WHERE (revisions.published_at IS NOT NULL)))));

create table assay.runs (
  id uuid not null,
  project_id uuid not null,
  dataset_id uuid not null,
  name text not null,
  attempt integer not null,
  task_type text not null,
  label_names text[] not null,
  writers integer not null default 1,
  metadata_schema jsonb,
  state text not null default 'open'::text,
  incomplete boolean not null default false,
  request_digest bytea not null,
  dataset_version_id uuid,
  published_revision_id uuid,
  created_by uuid,
  created_at timestamp with time zone not null default now(),
  last_part_at timestamp with time zone not null default now(),
  closed_at timestamp with time zone,
  parts_expired_at timestamp with time zone,
  parts_removed_at timestamp with time zone
);

alter table assay.runs add constraint runs_attempt_check CHECK ((attempt > 0));

alter table assay.runs add constraint runs_closed_at_iff_closed CHECK (((state = 'closed'::text) = (closed_at IS NOT NULL)));

alter table assay.runs add constraint runs_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES assay.datasets(id) ON DELETE CASCADE;

alter table assay.runs add constraint runs_dataset_version_id_fkey FOREIGN KEY (dataset_version_id) REFERENCES assay.dataset_versions(id) ON DELETE SET NULL;

alter table assay.runs add constraint runs_label_names_check CHECK (((cardinality(label_names) >= 1) AND (cardinality(label_names) <= 10000)));

alter table assay.runs add constraint runs_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)));

alter table assay.runs add constraint runs_pkey PRIMARY KEY (id);

alter table assay.runs add constraint runs_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.runs add constraint runs_project_id_name_attempt_key UNIQUE (project_id, name, attempt);

alter table assay.runs add constraint runs_published_revision_id_fkey FOREIGN KEY (published_revision_id) REFERENCES assay.revisions(id) ON DELETE SET NULL;

alter table assay.runs add constraint runs_request_digest_check CHECK ((octet_length(request_digest) = 32));

alter table assay.runs add constraint runs_state_check CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text])));

alter table assay.runs add constraint runs_task_type_check CHECK ((task_type = 'classification'::text));

alter table assay.runs add constraint runs_writers_check CHECK (((writers >= 1) AND (writers <= 4096)));

CREATE INDEX runs_dataset_id_idx ON assay.runs USING btree (dataset_id);

CREATE INDEX runs_dataset_version_id_idx ON assay.runs USING btree (dataset_version_id);

CREATE INDEX runs_open_idx ON assay.runs USING btree (last_part_at) WHERE (state = 'open'::text);

CREATE INDEX runs_parts_expired_idx ON assay.runs USING btree (parts_expired_at) WHERE ((parts_expired_at IS NOT NULL) AND (parts_removed_at IS NULL));

CREATE INDEX runs_project_id_created_at_idx ON assay.runs USING btree (project_id, created_at DESC, id);

CREATE INDEX runs_published_revision_id_idx ON assay.runs USING btree (published_revision_id);

alter table assay.runs enable row level security;

create policy runs_all_worker on assay.runs as permissive for all to assay_worker
  using (true)
  with check (true);

create policy runs_hide_deleted on assay.runs as restrictive for select to assay_edge, authenticated
  using (COALESCE((id <> ALL (ARRAY( SELECT assay.deleted_ids('runs'::text) AS deleted_ids))), false));

create policy runs_insert_edge on assay.runs as permissive for insert to assay_edge
  with check ((project_id = ANY (ARRAY( SELECT assay.project_ids('ingest'::text) AS project_ids))));

create policy runs_select_edge on assay.runs as permissive for select to assay_edge
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids('any'::text) AS project_ids))));

create policy runs_select_member on assay.runs as permissive for select to authenticated
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))));

create policy runs_update_edge on assay.runs as permissive for update to assay_edge
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids('ingest'::text) AS project_ids))))
  with check ((project_id = ANY (ARRAY( SELECT assay.project_ids('ingest'::text) AS project_ids))));

create table assay.sample_issues (
  revision_id uuid not null,
  project_id uuid not null,
  sample_key bigint not null,
  split text not null,
  issue_type text not null,
  score real,
  details jsonb not null default '{}'::jsonb
);

alter table assay.sample_issues add constraint sample_issues_pkey PRIMARY KEY (revision_id, split, sample_key, issue_type);

alter table assay.sample_issues add constraint sample_issues_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.sample_issues add constraint sample_issues_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES assay.revisions(id) ON DELETE CASCADE;

alter table assay.sample_issues add constraint sample_issues_sample_key_fkey FOREIGN KEY (sample_key) REFERENCES assay.samples(id) ON DELETE CASCADE;

alter table assay.sample_issues add constraint sample_issues_score_check CHECK (((score >= (0)::double precision) AND (score <= (1)::double precision)));

CREATE INDEX sample_issues_project_id_idx ON assay.sample_issues USING btree (project_id);

CREATE INDEX sample_issues_revision_id_issue_type_idx ON assay.sample_issues USING btree (revision_id, issue_type);

CREATE INDEX sample_issues_sample_key_idx ON assay.sample_issues USING btree (sample_key);

alter table assay.sample_issues enable row level security;

create policy sample_issues_all_worker on assay.sample_issues as permissive for all to assay_worker
  using (true)
  with check (true);

create policy sample_issues_select_member on assay.sample_issues as permissive for select to authenticated
  using (((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))) AND (revision_id IN ( SELECT revisions.id
   FROM assay.revisions
  WHERE (revisions.published_at IS NOT NULL)))));

create table assay.sample_neighbours (
  revision_id uuid not null,
  project_id uuid not null,
  sample_key bigint not null,
  split text not null,
  position integer not null,
  neighbour_key bigint not null,
  neighbour_split text not null,
  similarity real not null
);

alter table assay.sample_neighbours add constraint sample_neighbours_neighbour_key_fkey FOREIGN KEY (neighbour_key) REFERENCES assay.samples(id) ON DELETE CASCADE;

alter table assay.sample_neighbours add constraint sample_neighbours_pkey PRIMARY KEY (revision_id, split, sample_key, "position");

alter table assay.sample_neighbours add constraint sample_neighbours_position_check CHECK (("position" >= 0));

alter table assay.sample_neighbours add constraint sample_neighbours_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.sample_neighbours add constraint sample_neighbours_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES assay.revisions(id) ON DELETE CASCADE;

alter table assay.sample_neighbours add constraint sample_neighbours_sample_key_fkey FOREIGN KEY (sample_key) REFERENCES assay.samples(id) ON DELETE CASCADE;

CREATE INDEX sample_neighbours_neighbour_key_idx ON assay.sample_neighbours USING btree (neighbour_key);

CREATE INDEX sample_neighbours_project_id_idx ON assay.sample_neighbours USING btree (project_id);

CREATE INDEX sample_neighbours_sample_key_idx ON assay.sample_neighbours USING btree (sample_key);

alter table assay.sample_neighbours enable row level security;

create policy sample_neighbours_all_worker on assay.sample_neighbours as permissive for all to assay_worker
  using (true)
  with check (true);

create policy sample_neighbours_select_member on assay.sample_neighbours as permissive for select to authenticated
  using (((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))) AND (revision_id IN ( SELECT revisions.id
   FROM assay.revisions
  WHERE (revisions.published_at IS NOT NULL)))));

create table assay.sample_results (
  revision_id uuid not null,
  project_id uuid not null,
  sample_key bigint not null,
  split text not null,
  rank integer not null,
  given_label integer,
  predicted_label integer,
  suggested_label integer,
  mislabeled_score real,
  mislabeled_probability real,
  data_error_potential real,
  outlier_score real,
  hardness real,
  confidence real,
  variability real,
  area_under_margin real,
  forgetting_events integer,
  first_learned_epoch integer,
  issue_type text not null,
  issue_types text[] not null default '{}'::text[],
  reason text not null default ''::text
);

alter table assay.sample_results add constraint sample_results_data_error_potential_check CHECK (((data_error_potential >= (0)::double precision) AND (data_error_potential <= (1)::double precision)));

alter table assay.sample_results add constraint sample_results_hardness_check CHECK (((hardness >= (0)::double precision) AND (hardness <= (1)::double precision)));

alter table assay.sample_results add constraint sample_results_mislabeled_probability_check CHECK (((mislabeled_probability >= (0)::double precision) AND (mislabeled_probability <= (1)::double precision)));

alter table assay.sample_results add constraint sample_results_mislabeled_score_check CHECK (((mislabeled_score >= (0)::double precision) AND (mislabeled_score <= (1)::double precision)));

alter table assay.sample_results add constraint sample_results_outlier_score_check CHECK (((outlier_score >= (0)::double precision) AND (outlier_score <= (1)::double precision)));

alter table assay.sample_results add constraint sample_results_pkey PRIMARY KEY (revision_id, split, sample_key);

alter table assay.sample_results add constraint sample_results_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.sample_results add constraint sample_results_rank_check CHECK ((rank > 0));

alter table assay.sample_results add constraint sample_results_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES assay.revisions(id) ON DELETE CASCADE;

alter table assay.sample_results add constraint sample_results_sample_key_fkey FOREIGN KEY (sample_key) REFERENCES assay.samples(id) ON DELETE CASCADE;

alter table assay.sample_results add constraint sample_results_split_check CHECK ((split = ANY (ARRAY['training'::text, 'validation'::text, 'test'::text, 'inference'::text])));

CREATE INDEX sample_results_project_id_idx ON assay.sample_results USING btree (project_id);

CREATE INDEX sample_results_revision_id_rank_idx ON assay.sample_results USING btree (revision_id, rank);

CREATE INDEX sample_results_sample_key_idx ON assay.sample_results USING btree (sample_key);

alter table assay.sample_results enable row level security;

create policy sample_results_all_worker on assay.sample_results as permissive for all to assay_worker
  using (true)
  with check (true);

create policy sample_results_select_member on assay.sample_results as permissive for select to authenticated
  using (((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))) AND (revision_id IN ( SELECT revisions.id
   FROM assay.revisions
  WHERE (revisions.published_at IS NOT NULL)))));

create table assay.samples (
  id bigint not null generated always as identity,
  project_id uuid not null,
  dataset_id uuid not null,
  sample_id text not null,
  content_hash bytea not null,
  text_preview text,
  metadata jsonb not null default '{}'::jsonb,
  content_path text,
  content_offset bigint,
  content_bytes integer,
  created_at timestamp with time zone not null default now()
);

alter table assay.samples add constraint samples_content_all_or_none CHECK ((((content_path IS NULL) = (content_offset IS NULL)) AND ((content_path IS NULL) = (content_bytes IS NULL))));

alter table assay.samples add constraint samples_content_hash_check CHECK ((octet_length(content_hash) = 32));

alter table assay.samples add constraint samples_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES assay.datasets(id) ON DELETE CASCADE;

alter table assay.samples add constraint samples_dataset_id_sample_id_content_hash_key UNIQUE (dataset_id, sample_id, content_hash);

alter table assay.samples add constraint samples_pkey PRIMARY KEY (id);

alter table assay.samples add constraint samples_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.samples add constraint samples_sample_id_check CHECK (((octet_length(sample_id) >= 1) AND (octet_length(sample_id) <= 1024)));

alter table assay.samples add constraint samples_text_preview_check CHECK ((octet_length(text_preview) <= 2048));

CREATE INDEX samples_content_path_idx ON assay.samples USING btree (content_path text_pattern_ops) WHERE (content_path IS NOT NULL);

CREATE INDEX samples_project_id_idx ON assay.samples USING btree (project_id);

alter table assay.samples enable row level security;

create policy samples_all_worker on assay.samples as permissive for all to assay_worker
  using (true)
  with check (true);

create policy samples_hide_deleted on assay.samples as restrictive for select to assay_edge, authenticated
  using (COALESCE((dataset_id <> ALL (ARRAY( SELECT assay.deleted_ids('datasets'::text) AS deleted_ids))), false));

create policy samples_select_member on assay.samples as permissive for select to authenticated
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))));

create table assay.tasks (
  id uuid not null default gen_random_uuid(),
  job_id uuid not null,
  project_id uuid not null,
  stage text not null,
  shard integer not null default 0,
  payload jsonb not null default '{}'::jsonb,
  result jsonb,
  state text not null default 'queued'::text,
  attempts integer not null default 0,
  max_attempts integer not null default 5,
  lease_token uuid,
  lease_until timestamp with time zone,
  worker text,
  run_after timestamp with time zone not null default now(),
  rung_at timestamp with time zone,
  last_error text,
  created_at timestamp with time zone not null default now()
);

alter table assay.tasks add constraint tasks_job_id_fkey FOREIGN KEY (job_id) REFERENCES assay.jobs(id) ON DELETE CASCADE;

alter table assay.tasks add constraint tasks_job_id_stage_shard_key UNIQUE (job_id, stage, shard);

alter table assay.tasks add constraint tasks_lease_iff_running CHECK (((state = 'running'::text) = ((lease_token IS NOT NULL) AND (lease_until IS NOT NULL))));

alter table assay.tasks add constraint tasks_max_attempts_check CHECK ((max_attempts > 0));

alter table assay.tasks add constraint tasks_pkey PRIMARY KEY (id);

alter table assay.tasks add constraint tasks_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.tasks add constraint tasks_shard_check CHECK ((shard >= 0));

alter table assay.tasks add constraint tasks_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text])));

CREATE INDEX tasks_open_idx ON assay.tasks USING btree (state, run_after) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));

CREATE INDEX tasks_project_id_idx ON assay.tasks USING btree (project_id);

alter table assay.tasks enable row level security;

create policy tasks_all_worker on assay.tasks as permissive for all to assay_worker
  using (true)
  with check (true);

create policy tasks_hide_deleted on assay.tasks as restrictive for select to assay_edge, authenticated
  using (COALESCE((job_id <> ALL (ARRAY( SELECT assay.deleted_ids('jobs'::text) AS deleted_ids))), false));

create policy tasks_insert_edge on assay.tasks as permissive for insert to assay_edge
  with check ((project_id = ANY (ARRAY( SELECT assay.project_ids('ingest'::text) AS project_ids
UNION ALL
 SELECT assay.project_ids('write'::text) AS project_ids))));

create policy tasks_select_edge on assay.tasks as permissive for select to assay_edge
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids('any'::text) AS project_ids))));

create policy tasks_select_member on assay.tasks as permissive for select to authenticated
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))));

create policy tasks_update_edge on assay.tasks as permissive for update to assay_edge
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids('ingest'::text) AS project_ids
UNION ALL
 SELECT assay.project_ids('write'::text) AS project_ids))));

create table assay.verdicts (
  id uuid not null default gen_random_uuid(),
  project_id uuid not null,
  dataset_id uuid not null,
  sample_id text not null,
  content_hash bytea not null,
  verdict text not null,
  label text,
  comment text,
  run_id uuid,
  reviewer_id uuid,
  key_id uuid,
  created_at timestamp with time zone not null default clock_timestamp()
);

alter table assay.verdicts add constraint verdicts_comment_check CHECK ((length(comment) <= 2000));

alter table assay.verdicts add constraint verdicts_content_hash_check CHECK ((octet_length(content_hash) = 32));

alter table assay.verdicts add constraint verdicts_dataset_id_fkey FOREIGN KEY (dataset_id) REFERENCES assay.datasets(id) ON DELETE CASCADE;

alter table assay.verdicts add constraint verdicts_key_id_fkey FOREIGN KEY (key_id) REFERENCES assay.api_keys(id) ON DELETE SET NULL;

alter table assay.verdicts add constraint verdicts_label_check CHECK (((length(label) >= 1) AND (length(label) <= 500)));

alter table assay.verdicts add constraint verdicts_label_iff_relabel CHECK (((verdict = 'relabel'::text) = (label IS NOT NULL)));

alter table assay.verdicts add constraint verdicts_pkey PRIMARY KEY (id);

alter table assay.verdicts add constraint verdicts_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.verdicts add constraint verdicts_run_id_fkey FOREIGN KEY (run_id) REFERENCES assay.runs(id) ON DELETE SET NULL;

alter table assay.verdicts add constraint verdicts_sample_id_check CHECK (((octet_length(sample_id) >= 1) AND (octet_length(sample_id) <= 1024)));

alter table assay.verdicts add constraint verdicts_verdict_check CHECK ((verdict = ANY (ARRAY['keep'::text, 'relabel'::text, 'drop'::text, 'needs_review'::text, 'clear'::text])));

CREATE INDEX verdicts_key_id_idx ON assay.verdicts USING btree (key_id);

CREATE INDEX verdicts_project_id_idx ON assay.verdicts USING btree (project_id);

CREATE INDEX verdicts_run_id_idx ON assay.verdicts USING btree (run_id);

CREATE INDEX verdicts_sample_idx ON assay.verdicts USING btree (dataset_id, sample_id, content_hash, created_at DESC, id);

CREATE TRIGGER verdicts_fill BEFORE INSERT ON assay.verdicts FOR EACH ROW EXECUTE FUNCTION assay.verdicts_fill();

alter table assay.verdicts enable row level security;

create policy verdicts_hide_deleted on assay.verdicts as restrictive for select to assay_edge, authenticated
  using (COALESCE((dataset_id <> ALL (ARRAY( SELECT assay.deleted_ids('datasets'::text) AS deleted_ids))), false));

create policy verdicts_insert_editor on assay.verdicts as permissive for insert to authenticated
  with check ((project_id = ANY (ARRAY( SELECT assay.project_ids('write'::text) AS project_ids))));

create policy verdicts_select_member on assay.verdicts as permissive for select to authenticated
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))));

create policy verdicts_select_worker on assay.verdicts as permissive for select to assay_worker
  using (true);

create table assay.writers (
  run_id uuid not null,
  project_id uuid not null,
  writer text not null,
  generation integer not null,
  manifest jsonb,
  incomplete boolean not null default false,
  finished_at timestamp with time zone not null default now()
);

alter table assay.writers add constraint writers_generation_check CHECK ((generation >= 0));

alter table assay.writers add constraint writers_pkey PRIMARY KEY (run_id, writer);

alter table assay.writers add constraint writers_project_id_fkey FOREIGN KEY (project_id) REFERENCES assay.projects(id) ON DELETE CASCADE;

alter table assay.writers add constraint writers_run_id_fkey FOREIGN KEY (run_id) REFERENCES assay.runs(id) ON DELETE CASCADE;

alter table assay.writers add constraint writers_writer_check CHECK (((length(writer) >= 1) AND (length(writer) <= 100)));

CREATE INDEX writers_project_id_idx ON assay.writers USING btree (project_id);

alter table assay.writers enable row level security;

create policy writers_all_edge on assay.writers as permissive for all to assay_edge
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids('ingest'::text) AS project_ids))))
  with check ((project_id = ANY (ARRAY( SELECT assay.project_ids('ingest'::text) AS project_ids))));

create policy writers_hide_deleted on assay.writers as restrictive for select to assay_edge, authenticated
  using (COALESCE((run_id <> ALL (ARRAY( SELECT assay.deleted_ids('runs'::text) AS deleted_ids))), false));

create policy writers_select_member on assay.writers as permissive for select to authenticated
  using ((project_id = ANY (ARRAY( SELECT assay.project_ids() AS project_ids))));

create policy writers_select_worker on assay.writers as permissive for select to assay_worker
  using (true);

CREATE OR REPLACE FUNCTION assay.cancel_job(p_job_id uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  update assay.jobs j set state = 'cancelled', finished_at = now()
  where j.id = p_job_id and j.state in ('queued', 'running');
  if not found then return false; end if;
  update assay.tasks t set state = 'cancelled', lease_token = null, lease_until = null
  where t.job_id = p_job_id and t.state in ('queued', 'running');
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION assay.checkpoint_task(p_task_id uuid, p_lease_token uuid, p_note jsonb, p_is_progress boolean)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  v_job assay.jobs;
begin
  select j.* into v_job from assay.jobs j
  where j.id = (select t.job_id from assay.tasks t where t.id = p_task_id)
  for update;
  update assay.tasks t
  set payload = t.payload || p_note,
      max_attempts = case when p_is_progress then greatest(t.max_attempts, t.attempts + 4) else t.max_attempts end
  where t.id = p_task_id and t.lease_token = p_lease_token and t.state = 'running' and v_job.state = 'running';
  return found;
end
$function$;

CREATE OR REPLACE FUNCTION assay.claim_outbox(p_limit integer, p_task_ids uuid[] DEFAULT NULL::uuid[])
 RETURNS TABLE(outbox_id bigint, task_id uuid, delay_seconds integer)
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  update assay.outbox o set claimed_until = now() + interval '30 seconds'
  where o.id in (
    select c.id from assay.outbox c
    where c.sent_at is null and (c.claimed_until is null or c.claimed_until < now())
      and (p_task_ids is null or c.task_id = any (p_task_ids))
    order by c.id limit p_limit for update skip locked
  )
  returning o.id, o.task_id, o.delay_seconds
$function$;

CREATE OR REPLACE FUNCTION assay.claim_task(p_task_id uuid, p_lease_seconds integer, p_worker text, p_device text)
 RETURNS TABLE(outcome text, task_id uuid, job_id uuid, project_id uuid, run_id uuid, job_kind text, request jsonb, stage text, shard integer, payload jsonb, attempts integer, max_attempts integer, lease_token uuid, retry_after_seconds integer)
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  v_task assay.tasks;
begin
  perform from assay.jobs j where j.id = (select t.job_id from assay.tasks t where t.id = p_task_id) for update;
  update assay.tasks t
  set state = 'running',
      attempts = t.attempts + 1,
      lease_token = gen_random_uuid(),
      lease_until = now() + make_interval(secs => p_lease_seconds),
      worker = p_worker
  where t.id = p_task_id
    and t.attempts < t.max_attempts
    and ((t.state = 'queued' and t.run_after <= now()) or (t.state = 'running' and t.lease_until < now()))
  returning t.* into v_task;
  if found then
    update assay.jobs j set state = 'running', started_at = coalesce(j.started_at, now()), device = p_device
    where j.id = v_task.job_id and j.state in ('queued', 'running');
    return query
      select 'claimed'::text, v_task.id, j.id, j.project_id, j.run_id, j.job_kind, j.request,
             v_task.stage, v_task.shard, v_task.payload, v_task.attempts, v_task.max_attempts, v_task.lease_token, null::int
      from assay.jobs j where j.id = v_task.job_id;
    return;
  end if;
  select t.* into v_task from assay.tasks t where t.id = p_task_id;
  outcome := case
    when not found then 'gone'
    when v_task.state in ('queued', 'running') then 'held'
    else 'closed'
  end;
  task_id := p_task_id;
  if outcome = 'held' then
    retry_after_seconds := greatest(1, ceil(extract(epoch from
      (case v_task.state when 'queued' then v_task.run_after else v_task.lease_until end) - now()))::int);
  end if;
  return next;
end
$function$;

CREATE OR REPLACE FUNCTION assay.compare_revisions(p_from uuid, p_to uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if 2 = (
    select count(*) from assay.revisions v
    where v.id in (p_from, p_to) and v.published_at is not null
      and v.project_id = any (array(select assay.project_ids()))
      and v.run_id <> all (array(select assay.deleted_ids('runs')))
  ) then
    perform assay.keep_difference(p_from, p_to);
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION assay.complete_task(p_task_id uuid, p_lease_token uuid, p_result jsonb, p_next_stage text DEFAULT NULL::text, p_next_payloads jsonb DEFAULT NULL::jsonb, p_revision_id uuid DEFAULT NULL::uuid)
 RETURNS TABLE(completed boolean, next_task_ids uuid[])
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  v_job assay.jobs;
  v_ids uuid[] := '{}';
begin
  -- The job's row first: two last tasks at once must not both leave the next stage to the other.
  select j.* into v_job from assay.jobs j
  where j.id = (select t.job_id from assay.tasks t where t.id = p_task_id)
  for update;
  update assay.tasks t
  set state = 'succeeded', result = p_result, lease_token = null, lease_until = null, last_error = null
  where t.id = p_task_id and t.lease_token = p_lease_token and t.state = 'running' and v_job.state = 'running';
  if not found then
    return query select false, v_ids;
    return;
  end if;
  if v_job.pending_tasks > 1 then
    update assay.jobs j set pending_tasks = j.pending_tasks - 1 where j.id = v_job.id;
    return query select true, v_ids;
    return;
  end if;
  if p_revision_id is not null then
    -- The one statement that makes results visible.
    with published as (
      update assay.revisions r
      set published_at = now(),
          number = 1 + coalesce((select max(o.number) from assay.revisions o where o.run_id = r.run_id), 0)
      where r.id = p_revision_id and r.job_id = v_job.id and r.published_at is null
      returning r.id, r.run_id
    )
    update assay.runs u set published_revision_id = p.id from published p where u.id = p.run_id;
    if not found then
      raise exception 'Cannot publish revision %: it is not an unpublished one of this job', p_revision_id;
    end if;
  end if;
  if p_next_stage is null then
    update assay.jobs j
    set state = 'succeeded', pending_tasks = 0, fraction = 1, finished_at = now(),
        stage_seconds = j.stage_seconds || jsonb_build_object(j.stage, round(extract(epoch from now() - j.stage_started_at)::numeric, 3))
    where j.id = v_job.id;
  else
    with made as (
      insert into assay.tasks (job_id, project_id, stage, shard, payload)
      select v_job.id, v_job.project_id, p_next_stage, (n.position - 1)::int, n.payload
      from jsonb_array_elements(coalesce(p_next_payloads, '[{}]')) with ordinality as n (payload, position)
      returning id, project_id
    ), rung as (
      insert into assay.outbox (task_id, project_id) select m.id, m.project_id from made m
    )
    select array_agg(m.id) into v_ids from made m;
    update assay.jobs j
    set stage = p_next_stage, pending_tasks = cardinality(v_ids), stage_started_at = now(),
        stage_seconds = j.stage_seconds || jsonb_build_object(j.stage, round(extract(epoch from now() - j.stage_started_at)::numeric, 3))
    where j.id = v_job.id;
  end if;
  return query select true, v_ids;
end
$function$;

CREATE OR REPLACE FUNCTION assay.create_project(p_name text)
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_user uuid := auth.uid();
  v_id uuid;
begin
  if v_user is null then
    raise exception 'Cannot create project: only a signed-in person can' using errcode = '42501';
  end if;
  insert into assay.projects (name) values (p_name) returning id into v_id;
  insert into assay.members (project_id, user_id, role) values (v_id, v_user, 'owner');
  return v_id;
end
$function$;

CREATE OR REPLACE FUNCTION assay.delete_model(p_id uuid)
 RETURNS TABLE(storage_path text)
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  update assay.models m set deleted_at = now()
  where m.id = p_id and m.deleted_at is null and m.project_id = any (array(select assay.project_ids('admin')))
  returning m.storage_path
$function$;

CREATE OR REPLACE FUNCTION assay.delete_subject(p_subject text, p_id uuid)
 RETURNS TABLE(job_id uuid, task_id uuid)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_project uuid;
begin
  v_project := case p_subject
    when 'run' then (select r.project_id from assay.runs r where r.id = p_id)
    when 'dataset' then (select d.project_id from assay.datasets d where d.id = p_id)
    when 'project' then (select p.id from assay.projects p where p.id = p_id)
  end;
  if v_project is null or exists (select from assay.deletions d where d.subject_id = p_id) then return; end if;
  if not v_project = any (array(select assay.project_ids(case p_subject when 'run' then 'write' else 'admin' end))) then
    raise exception 'Cannot delete %: not allowed in this project', p_subject using errcode = '42501';
  end if;
  perform assay.mark_deleted(p_subject, p_id, v_project);
  return query select * from assay.enqueue_deletion(p_subject, p_id, v_project);
end
$function$;

CREATE OR REPLACE FUNCTION assay.deleted_ids(p_table text)
 RETURNS SETOF uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_projects uuid[] := array(select assay.project_ids('any'));
begin
  if p_table = 'runs' then
    return query select d.subject_id from assay.deletions d
      where d.ended_at is null and d.subject = 'run' and d.project_id = any (v_projects);
  elsif p_table = 'datasets' then
    return query select d.subject_id from assay.deletions d
      where d.ended_at is null and d.subject = 'dataset' and d.project_id = any (v_projects);
  elsif p_table = 'dataset_versions' then
    return query select v.id from assay.deletions d join assay.dataset_versions v on v.dataset_id = d.subject_id
      where d.ended_at is null and d.subject = 'dataset' and d.project_id = any (v_projects);
  elsif p_table = 'jobs' then
    return query select j.id from assay.deletions d join assay.jobs j on j.run_id = d.subject_id
      where d.ended_at is null and d.subject = 'run' and d.project_id = any (v_projects);
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION assay.end_deletion(p_subject text, p_id uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if not exists (select from assay.deletions d where d.subject_id = p_id and d.subject = p_subject and d.ended_at is null) then
    return;
  end if;
  update assay.deletions d set ended_at = now()
  where d.ended_at is null
    and (d.subject_id = p_id or (p_subject = 'dataset' and d.subject_id in (select r.id from assay.runs r where r.dataset_id = p_id)));
  case p_subject
    when 'run' then delete from assay.runs r where r.id = p_id;
    when 'dataset' then delete from assay.datasets d where d.id = p_id;
    when 'project' then
      delete from assay.deletions d where d.project_id = p_id and d.subject <> 'project';
      delete from assay.projects p where p.id = p_id;
  end case;
end
$function$;

CREATE OR REPLACE FUNCTION assay.enqueue_deletion(p_subject text, p_id uuid, p_project_id uuid)
 RETURNS TABLE(job_id uuid, task_id uuid)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_job uuid;
  v_task uuid;
begin
  insert into assay.jobs (project_id, job_kind, stage, pending_tasks, request, created_by)
  values (p_project_id, 'delete_' || p_subject, 'delete', 1, jsonb_build_object('subject_id', p_id), auth.uid())
  on conflict ((request ->> 'subject_id'))
    where job_kind in ('delete_run', 'delete_dataset', 'delete_project') and state in ('queued', 'running') do nothing
  returning id into v_job;
  if v_job is null then
    return query select j.id, null::uuid from assay.jobs j
      where j.request ->> 'subject_id' = p_id::text and j.job_kind = 'delete_' || p_subject and j.state in ('queued', 'running');
    return;
  end if;
  insert into assay.tasks (job_id, project_id, stage) values (v_job, p_project_id, 'delete') returning id into v_task;
  insert into assay.outbox (task_id, project_id) values (v_task, p_project_id);
  return query select v_job, v_task;
end
$function$;

CREATE OR REPLACE FUNCTION assay.enqueue_export(p_project_id uuid, p_stage text, p_request jsonb)
 RETURNS TABLE(job_id uuid, task_id uuid)
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  v_job uuid;
  v_task uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended('export ' || p_project_id, 0));
  select j.id into v_job from assay.jobs j
  where j.project_id = p_project_id and j.job_kind = 'export_project' and j.state in ('queued', 'running')
    and j.request = p_request;
  if found then
    return query select v_job, null::uuid;
    return;
  end if;
  insert into assay.jobs (project_id, job_kind, stage, pending_tasks, request, created_by)
  values (p_project_id, 'export_project', p_stage, 1, p_request, assay.user_id())
  returning id into v_job;
  insert into assay.tasks (job_id, project_id, stage) values (v_job, p_project_id, p_stage) returning id into v_task;
  insert into assay.outbox (task_id, project_id) values (v_task, p_project_id);
  return query select v_job, v_task;
end
$function$;

CREATE OR REPLACE FUNCTION assay.enqueue_job(p_run_id uuid, p_job_kind text, p_stage text, p_request jsonb DEFAULT '{}'::jsonb)
 RETURNS TABLE(job_id uuid, task_id uuid)
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  v_project uuid;
  v_job uuid;
  v_task uuid;
begin
  select r.project_id into v_project from assay.runs r where r.id = p_run_id;
  if not found then
    raise exception 'Cannot enqueue job: run not found' using errcode = 'no_data_found';
  end if;
  insert into assay.jobs (project_id, run_id, job_kind, stage, pending_tasks, request, created_by)
  values (v_project, p_run_id, p_job_kind, p_stage, 1, p_request, assay.user_id())
  on conflict (run_id) where job_kind in ('score_run', 'rescore_run') and state in ('queued', 'running') do nothing
  returning id into v_job;
  if v_job is null then
    return query
      select j.id, null::uuid from assay.jobs j
      where j.run_id = p_run_id and j.job_kind in ('score_run', 'rescore_run') and j.state in ('queued', 'running');
    return;
  end if;
  insert into assay.tasks (job_id, project_id, stage) values (v_job, v_project, p_stage) returning id into v_task;
  insert into assay.outbox (task_id, project_id) values (v_task, v_project);
  return query select v_job, v_task;
end
$function$;

CREATE OR REPLACE FUNCTION assay.extend_lease(p_task_id uuid, p_lease_token uuid, p_lease_seconds integer, p_fraction real)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  v_job uuid;
begin
  select t.job_id into v_job from assay.tasks t where t.id = p_task_id;
  perform from assay.jobs j where j.id = v_job for update;
  update assay.tasks t set lease_until = now() + make_interval(secs => p_lease_seconds)
  where t.id = p_task_id and t.lease_token = p_lease_token and t.state = 'running';
  if not found then return false; end if;
  update assay.jobs j set fraction = greatest(j.fraction, least(p_fraction, 0.99))
  where j.id = v_job and j.state = 'running' and j.fraction < p_fraction;
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION assay.fail_task(p_task_id uuid, p_lease_token uuid, p_error_code text, p_error text, p_retryable boolean)
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  v_job uuid;
  v_task assay.tasks;
  v_delay int;
begin
  select t.job_id into v_job from assay.tasks t where t.id = p_task_id;
  perform from assay.jobs j where j.id = v_job for update;
  select t.* into v_task from assay.tasks t
  where t.id = p_task_id and t.lease_token = p_lease_token and t.state = 'running' for update;
  if not found then return 'lost'; end if;
  if p_retryable and v_task.attempts < v_task.max_attempts then
    v_delay := least(60, 2 ^ v_task.attempts)::int;
    update assay.tasks t
    set state = 'queued', lease_token = null, lease_until = null, last_error = p_error,
        run_after = now() + make_interval(secs => v_delay)
    where t.id = p_task_id;
    insert into assay.outbox (task_id, project_id, delay_seconds) values (p_task_id, v_task.project_id, v_delay);
    return 'requeued';
  end if;
  update assay.tasks t set state = 'failed', lease_token = null, lease_until = null, last_error = p_error
  where t.id = p_task_id;
  update assay.tasks t set state = 'cancelled', lease_token = null, lease_until = null
  where t.job_id = v_job and t.state in ('queued', 'running');
  update assay.jobs j set state = 'failed', error_code = p_error_code, error = p_error, finished_at = now()
  where j.id = v_job and j.state in ('queued', 'running');
  return 'failed';
end
$function$;

CREATE OR REPLACE FUNCTION assay.find_api_key(p_prefix text)
 RETURNS TABLE(key_id uuid, project_id uuid, secret_hash bytea, scopes text[])
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select k.id, k.project_id, k.secret_hash, k.scopes
  from assay.api_keys k
  where k.prefix = p_prefix and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
$function$;

CREATE OR REPLACE FUNCTION assay.keep_difference(p_from uuid, p_to uuid)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
 SET work_mem TO '32MB'
 SET enable_nestloop TO 'off'
AS $function$
declare
  v_run uuid;
  v_project uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended(p_from || ' ' || p_to, 0));
  if exists (select from assay.revision_differences d where d.from_revision_id = p_from and d.to_revision_id = p_to) then
    return;
  end if;
  select t.run_id, t.project_id into strict v_run, v_project
  from assay.revisions t join assay.revisions f on f.run_id = t.run_id
  where t.id = p_to and f.id = p_from;

  insert into assay.revision_differences (to_revision_id, from_revision_id, project_id, run_id, counts)
  values (p_to, p_from, v_project, v_run, '{}');
  with both_say as materialized (
    select x.rank,
      case when y.issue_types = '{}' and x.issue_types <> '{}' then 1 else 0 end
      | case when y.issue_types <> '{}' and x.issue_types = '{}' then 2 else 0 end
      | case when y.issue_types <> x.issue_types then 4 else 0 end
      | case when y.suggested_label is distinct from x.suggested_label then 8 else 0 end
      | case when y.mislabeled_probability is distinct from x.mislabeled_probability then 16 else 0 end
      | case when y.rank <> x.rank then 32 else 0 end as changes,
      case when y.issue_types <> x.issue_types then y.issue_types end as types_before,
      case when y.issue_types <> x.issue_types then x.issue_types end as types_after
    from assay.sample_results x
    join assay.sample_results y on y.revision_id = p_from and y.split = x.split and y.sample_key = x.sample_key
    where x.revision_id = p_to
  ), kept as (
    insert into assay.revision_difference_ranks (to_revision_id, from_revision_id, project_id, last_rank, changes, ranks, changes_of_rank)
    select p_to, p_from, v_project, max(c.rank), bit_or(c.changes), array_agg(c.rank order by c.rank), array_agg(c.changes::smallint order by c.rank)
    from both_say c
    where c.changes <> 0
    group by (c.rank - 1) / 1024
  ), types as (
    select t.issue_type, count(*) filter (where t.is_after)::int as added, count(*) filter (where not t.is_after)::int as removed
    from both_say c cross join lateral (
      select u.issue_type, true as is_after from unnest(c.types_after) as u (issue_type)
      where u.issue_type <> all (c.types_before)
      union all
      select u.issue_type, false from unnest(c.types_before) as u (issue_type)
      where u.issue_type <> all (c.types_after)
    ) t
    where c.changes & 4 <> 0
    group by t.issue_type
  )
  update assay.revision_differences d set counts = jsonb_build_object(
    'n_compared', n.n_compared, 'newly_flagged', n.newly_flagged, 'no_longer_flagged', n.no_longer_flagged, 'issue_types', n.issue_types,
    'suggestion', n.suggestion, 'probability', n.probability, 'rank', n.rank,
    'by_issue_type', coalesce((
      select jsonb_object_agg(t.issue_type, jsonb_build_object('added', t.added, 'removed', t.removed)) from types t
    ), '{}'))
  from (
    select count(*) as n_compared, count(*) filter (where c.changes & 1 <> 0) as newly_flagged,
      count(*) filter (where c.changes & 2 <> 0) as no_longer_flagged, count(*) filter (where c.changes & 4 <> 0) as issue_types,
      count(*) filter (where c.changes & 8 <> 0) as suggestion, count(*) filter (where c.changes & 16 <> 0) as probability,
      count(*) filter (where c.changes & 32 <> 0) as rank
    from both_say c
  ) n
  where d.to_revision_id = p_to and d.from_revision_id = p_from;

  delete from assay.revision_differences d
  where d.run_id = v_run and (d.to_revision_id, d.from_revision_id) in (
    select o.to_revision_id, o.from_revision_id from assay.revision_differences o
    where o.run_id = v_run order by o.created_at desc offset 32
  );
end
$function$;

CREATE OR REPLACE FUNCTION assay.key_id()
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
begin
  return case when session_user = 'assay_edge' then
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'key_id')::uuid
  end;
end
$function$;

CREATE OR REPLACE FUNCTION assay.mark_deleted(p_subject text, p_id uuid, p_project_id uuid)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_round int;
begin
  for v_round in 1..2 loop -- jobs before runs, as everywhere; then those that a run was given meanwhile
    perform assay.cancel_job(j.id) from (
      select j.id from assay.jobs j
      where j.state in ('queued', 'running')
        and case p_subject
              when 'run' then j.run_id = p_id
              when 'dataset' then j.run_id in (select r.id from assay.runs r where r.dataset_id = p_id)
              else j.project_id = p_id and j.job_kind <> 'delete_project'
            end
      order by j.id
    ) j;
    exit when v_round = 2;
    with hidden as (
      update assay.runs r
      set state = 'closed', closed_at = coalesce(r.closed_at, now()), name = 'deleted ' || gen_random_uuid()
      where ((p_subject = 'run' and r.id = p_id) or (p_subject = 'dataset' and r.dataset_id = p_id))
        and not exists (select from assay.deletions d where d.subject_id = r.id)
      returning r.id
    )
    insert into assay.deletions (subject_id, subject, project_id)
    select h.id, 'run', p_project_id from hidden h
    on conflict do nothing;
    continue when p_subject = 'run';
    insert into assay.deletions (subject_id, subject, project_id) values (p_id, p_subject, p_project_id)
    on conflict do nothing;
    if p_subject = 'project' then
      update assay.api_keys k set revoked_at = now() where k.project_id = p_id and k.revoked_at is null;
    elsif found then
      update assay.datasets d set name = 'deleted ' || gen_random_uuid() where d.id = p_id;
    end if;
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION assay.mark_outbox_sent(p_outbox_ids bigint[])
 RETURNS void
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  with sent as (
    update assay.outbox o set sent_at = now() where o.id = any (p_outbox_ids) returning o.task_id
  )
  update assay.tasks t set rung_at = now() from sent s where t.id = s.task_id
$function$;

CREATE OR REPLACE FUNCTION assay.members_keep_owner()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if old.role = 'owner' and (tg_op = 'DELETE' or new.role <> 'owner')
    and exists (select from assay.projects p where p.id = old.project_id)
    and not exists (
      select from assay.members m
      where m.project_id = old.project_id and m.role = 'owner' and m.user_id <> old.user_id
    ) then
    raise exception 'Cannot change member: a project needs at least one owner' using errcode = 'check_violation';
  end if;
  return coalesce(new, old);
end
$function$;

CREATE OR REPLACE FUNCTION assay.note_encodings(p_run_id uuid, p_task_id uuid, p_lease_token uuid, p_paths text[], p_encoders text[], p_n_contents integer[], p_seen text[])
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  v_run assay.runs;
begin
  select r.* into v_run from assay.runs r
  where r.id = p_run_id
    and exists (select from assay.tasks t where t.id = p_task_id and t.lease_token = p_lease_token and t.state = 'running')
    and not exists (select from assay.deletions d where d.subject_id in (r.id, r.dataset_id, r.project_id))
  for key share of r;
  if not found then
    return 'lost';
  end if;
  if p_seen is not null then
    -- who comes second sees what the first has noted: it waits here, and reads after it
    perform pg_advisory_xact_lock(hashtextextended('assay.encodings ' || v_run.dataset_id, 0));
    if exists (
      select from assay.encodings e
      where e.dataset_id = v_run.dataset_id and e.encoder = any (p_encoders) and e.path <> all (p_seen)
        and not exists (
          select from assay.deletions d where d.ended_at is null and d.subject_id in (e.run_id, e.dataset_id, e.project_id))
    ) then
      return 'overtaken';
    end if;
  end if;
  insert into assay.encodings (path, project_id, dataset_id, run_id, encoder, n_contents)
  select u.path, v_run.project_id, v_run.dataset_id, v_run.id, u.encoder, u.n_contents
  from unnest(p_paths, p_encoders, p_n_contents) as u (path, encoder, n_contents)
  on conflict (path) do nothing;
  return 'noted';
end
$function$;

CREATE OR REPLACE FUNCTION assay.note_key_use(p_key_id uuid)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  update assay.api_keys k set last_used_at = now()
  where k.id = p_key_id and (k.last_used_at is null or k.last_used_at < now() - interval '1 minute')
$function$;

CREATE OR REPLACE FUNCTION assay.project_ids(p_scope text DEFAULT 'read'::text)
 RETURNS SETOF uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  return query
    select p.project_id from (
      select m.project_id
      from assay.members m
      where m.user_id = (select auth.uid())
        and case m.role
              when 'owner' then true
              when 'editor' then p_scope <> 'admin'
              else p_scope in ('read', 'any')
            end
      union all
      select k.project_id
      from assay.api_keys k
      where k.id = (select assay.key_id())
        and k.revoked_at is null
        and (k.expires_at is null or k.expires_at > now())
        and (p_scope = 'any' or p_scope = any (k.scopes) or 'admin' = any (k.scopes)
             or (p_scope = 'read' and 'write' = any (k.scopes)))
    ) p
    where not exists (select from assay.deletions d where d.subject_id = p.project_id);
end
$function$;

CREATE OR REPLACE FUNCTION assay.purge(p_subject text, p_id uuid, p_limit integer DEFAULT 5000)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_table text;
  v_runs uuid[];
  v_versions uuid[];
  v_keys bigint[];
  v_n int;
begin
  if not exists (select from assay.deletions d where d.subject_id = p_id and d.subject = p_subject and d.ended_at is null) then
    return 0;
  end if;
  perform assay.mark_deleted(p_subject, p_id, d.project_id) from assay.deletions d where d.subject_id = p_id;

  if p_subject = 'project' then
    foreach v_table in array array['sample_neighbours', 'sample_issues', 'sample_results', 'row_problems', 'class_reports',
      'class_pairs', 'verdicts', 'dataset_version_samples', 'parts', 'samples', 'revisions', 'writers'] loop
      execute format(
        'delete from assay.%I where ctid = any (array(select t.ctid from assay.%I t where t.project_id = $1 limit $2))',
        v_table, v_table) using p_id, p_limit;
      get diagnostics v_n = row_count;
      if v_n > 0 then return v_n; end if;
    end loop;
    return 0;
  end if;

  v_runs := array(select r.id from assay.runs r where r.id = p_id or r.dataset_id = p_id);
  foreach v_table in array array['sample_neighbours', 'sample_issues', 'sample_results', 'row_problems', 'class_reports',
    'class_pairs'] loop
    execute format(
      'delete from assay.%I where ctid = any (array(
         select t.ctid from assay.%I t join assay.revisions r on r.id = t.revision_id where r.run_id = any ($1) limit $2))',
      v_table, v_table) using v_runs, p_limit;
    get diagnostics v_n = row_count;
    if v_n > 0 then return v_n; end if;
  end loop;
  foreach v_table in array array['parts', 'revisions', 'writers', 'jobs'] loop
    execute format(
      'delete from assay.%I where ctid = any (array(select t.ctid from assay.%I t where t.run_id = any ($1) limit $2))',
      v_table, v_table) using v_runs, p_limit;
    get diagnostics v_n = row_count;
    if v_n > 0 then return v_n; end if;
  end loop;

  if p_subject = 'dataset' then
    v_versions := array(select v.id from assay.dataset_versions v where v.dataset_id = p_id);
  else
    v_versions := array(
      select r.dataset_version_id from assay.runs r
      where r.id = p_id and r.dataset_version_id is not null
        and not exists (
          select from assay.runs o
          where o.dataset_version_id = r.dataset_version_id and o.id not in (select d.subject_id from assay.deletions d where d.ended_at is null))
        and not exists (select from assay.dataset_versions c where c.parent_id = r.dataset_version_id)
    );
  end if;
  with gone as (
    delete from assay.dataset_version_samples where ctid = any (array(
      select t.ctid from assay.dataset_version_samples t where t.dataset_version_id = any (v_versions) limit p_limit))
    returning sample_key
  )
  select array_agg(distinct g.sample_key) into v_keys from gone g;
  if v_keys is not null then
    if p_subject = 'run' then
      delete from assay.samples s
      where s.id = any (v_keys)
        and not exists (select from assay.dataset_version_samples o where o.sample_key = s.id)
        and not exists (
          select from assay.verdicts v
          where v.dataset_id = s.dataset_id and v.sample_id = s.sample_id and v.content_hash = s.content_hash);
    end if;
    return cardinality(v_keys);
  end if;

  if p_subject = 'run' and not exists (
    select from assay.jobs j join assay.runs o on o.id = j.run_id
    where j.state in ('queued', 'running') and o.dataset_id = (select r.dataset_id from assay.runs r where r.id = p_id)
  ) then -- what jobs wrote that ended before they noted a version
    delete from assay.samples where id = any (array(
      select s.id from assay.samples s
      where s.dataset_id = (select r.dataset_id from assay.runs r where r.id = p_id)
        and not exists (select from assay.dataset_version_samples o where o.sample_key = s.id)
        and not exists (
          select from assay.verdicts v
          where v.dataset_id = s.dataset_id and v.sample_id = s.sample_id and v.content_hash = s.content_hash)
      limit p_limit));
    get diagnostics v_n = row_count;
    if v_n > 0 then return v_n; end if;
  end if;
  if p_subject = 'dataset' then
    foreach v_table in array array['verdicts', 'samples'] loop
      execute format(
        'delete from assay.%I where ctid = any (array(select t.ctid from assay.%I t where t.dataset_id = $1 limit $2))',
        v_table, v_table) using p_id, p_limit;
      get diagnostics v_n = row_count;
      if v_n > 0 then return v_n; end if;
    end loop;
  end if;
  delete from assay.dataset_versions v where v.id = any (v_versions);
  get diagnostics v_n = row_count;
  return v_n;
end
$function$;

CREATE OR REPLACE FUNCTION assay.release_task(p_task_id uuid, p_lease_token uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  v_project uuid;
begin
  perform from assay.jobs j where j.id = (select t.job_id from assay.tasks t where t.id = p_task_id) for update;
  update assay.tasks t
  set state = 'queued', attempts = t.attempts - 1, lease_token = null, lease_until = null, run_after = now()
  where t.id = p_task_id and t.lease_token = p_lease_token and t.state = 'running'
  returning t.project_id into v_project;
  if not found then return false; end if;
  insert into assay.outbox (task_id, project_id) values (p_task_id, v_project);
  return true;
end
$function$;

CREATE OR REPLACE FUNCTION assay.sweep(p_ring_after_seconds integer DEFAULT 60, p_silent_hours integer DEFAULT 24)
 RETURNS TABLE(requeued integer, failed integer, repaired integer, rung integer, closed_runs integer)
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  v_task record;
  v_run record;
begin
  requeued := 0; failed := 0; repaired := 0; rung := 0; closed_runs := 0;
  for v_task in
    select t.id, t.job_id, t.attempts, t.max_attempts from assay.tasks t
    where t.state = 'running' and t.lease_until < now()
  loop
    perform from assay.jobs j where j.id = v_task.job_id for update skip locked;
    continue when not found;
    if v_task.attempts < v_task.max_attempts then
      update assay.tasks t
      set state = 'queued', lease_token = null, lease_until = null, run_after = now(),
          last_error = coalesce(t.last_error, 'The worker that held the lease was lost')
      where t.id = v_task.id and t.state = 'running' and t.lease_until < now();
      if found then
        insert into assay.outbox (task_id, project_id) select t.id, t.project_id from assay.tasks t where t.id = v_task.id;
        requeued := requeued + 1;
      end if;
    else
      update assay.tasks t
      set state = 'failed', lease_token = null, lease_until = null,
          last_error = coalesce(t.last_error, 'The worker that held the lease was lost')
      where t.id = v_task.id and t.state = 'running' and t.lease_until < now();
      if found then
        update assay.tasks t set state = 'cancelled', lease_token = null, lease_until = null
        where t.job_id = v_task.job_id and t.state in ('queued', 'running');
        update assay.jobs j
        set state = 'failed', finished_at = now(), error_code = 'internal',
            error = 'Cannot finish job: a task was lost ' || v_task.attempts || ' times, each time with its worker'
        where j.id = v_task.job_id and j.state in ('queued', 'running');
        failed := failed + 1;
      end if;
    end if;
  end loop;

  -- A job that is open without an open task cannot go on by itself: open the stage's tasks again.
  with broken as (
    select j.id, j.project_id, j.stage from assay.jobs j
    where j.state in ('queued', 'running')
      and not exists (select from assay.tasks t where t.job_id = j.id and t.state in ('queued', 'running'))
    for update skip locked
  ), reopened as (
    update assay.tasks t set state = 'queued', attempts = 0, run_after = now(), result = null
    from broken b where t.job_id = b.id and t.stage = b.stage
    returning t.job_id
  ), counted as (
    select r.job_id, count(*)::int as n from reopened r group by r.job_id
  ), reset as (
    update assay.jobs j set pending_tasks = c.n from counted c where j.id = c.job_id returning j.id
  )
  select count(*)::int into repaired from reset;

  -- Ring again for what is ready and was not rung for lately.
  with due as (
    select t.id, t.project_id from assay.tasks t
    where t.state = 'queued' and t.run_after <= now()
      and coalesce(t.rung_at, t.created_at) < now() - make_interval(secs => p_ring_after_seconds)
      and not exists (select from assay.outbox o where o.task_id = t.id and o.sent_at is null)
    for update skip locked
  ), marked as (
    update assay.tasks t set rung_at = now() from due d where t.id = d.id
  ), written as (
    insert into assay.outbox (task_id, project_id) select d.id, d.project_id from due d returning 1
  )
  select count(*)::int into rung from written;
  delete from assay.outbox o where o.sent_at < now() - interval '1 day';

  -- Revisions that were never published and never will be.
  delete from assay.revisions r using assay.jobs j
  where j.id = r.job_id and r.published_at is null and j.finished_at < now() - interval '10 minutes';

  -- A run that fell silent is closed with what is there.
  for v_run in
    update assay.runs r set state = 'closed', incomplete = true, closed_at = now()
    where r.state = 'open' and r.last_part_at < now() - make_interval(hours => p_silent_hours)
    returning r.id
  loop
    if exists (select from assay.parts p where p.run_id = v_run.id) then
      perform assay.enqueue_job(v_run.id, 'score_run', 'fold');
    end if;
    closed_runs := closed_runs + 1;
  end loop;
  return next;
end
$function$;

CREATE OR REPLACE FUNCTION assay.sweep_deletions()
 RETURNS integer
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select count(e.task_id)::int
  from assay.deletions d
  join assay.projects p on p.id = d.project_id
  cross join lateral assay.enqueue_deletion(d.subject, d.subject_id, d.project_id) e
  where d.ended_at is null
    and not exists ( -- what holds it is being deleted
      select from assay.deletions o
      where o.ended_at is null and (
        (o.subject = 'project' and d.subject <> 'project' and o.subject_id = d.project_id)
        or (o.subject = 'dataset' and d.subject = 'run'
            and o.subject_id = (select r.dataset_id from assay.runs r where r.id = d.subject_id)))
    )
$function$;

CREATE OR REPLACE FUNCTION assay.sweep_retention(p_limit integer DEFAULT 100)
 RETURNS TABLE(runs_expired integer, parts_expired integer)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_run record;
begin
  runs_expired := 0;
  for v_run in
    select r.id, r.project_id from assay.projects p join assay.runs r on r.project_id = p.id
    where p.retention_days is not null and r.closed_at < now() - make_interval(days => p.retention_days)
      and not exists (select from assay.jobs j where j.run_id = r.id and j.state in ('queued', 'running'))
      and not exists (select from assay.deletions d where d.subject_id in (r.id, r.dataset_id, p.id))
    order by r.closed_at limit p_limit
  loop
    perform assay.mark_deleted('run', v_run.id, v_run.project_id);
    perform assay.enqueue_deletion('run', v_run.id, v_run.project_id);
    runs_expired := runs_expired + 1;
  end loop;
  with expired as (
    select r.id from assay.projects p join assay.runs r on r.project_id = p.id
    where p.parts_retention_days is not null and r.closed_at < now() - make_interval(days => p.parts_retention_days)
      and r.parts_expired_at is null
      and not exists (select from assay.jobs j where j.run_id = r.id and j.state in ('queued', 'running'))
    order by r.closed_at limit p_limit
    for update of r skip locked
  ), marked as (
    update assay.runs r set parts_expired_at = now() from expired e where r.id = e.id returning 1
  )
  select count(*)::int into parts_expired from marked;
  return next;
end
$function$;

CREATE OR REPLACE FUNCTION assay.user_id()
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$ select auth.uid() $function$;

CREATE OR REPLACE FUNCTION assay.verdicts_fill()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  select d.project_id into new.project_id from assay.datasets d where d.id = new.dataset_id;
  if not found then
    raise exception 'Cannot store verdict: dataset % not found', new.dataset_id using errcode = 'foreign_key_violation';
  end if;
  if new.content_hash is null then
    select s.content_hash into new.content_hash from assay.samples s
    where s.dataset_id = new.dataset_id and s.sample_id = new.sample_id
    order by s.id desc limit 1;
  end if;
  if not exists (
    select from assay.samples s
    where s.dataset_id = new.dataset_id and s.sample_id = new.sample_id and s.content_hash = new.content_hash
  ) then
    raise exception 'Cannot store verdict: dataset has no sample "%"', new.sample_id using errcode = 'foreign_key_violation';
  end if;
  if session_user = 'assay_edge' or current_user = 'authenticated' then
    new.reviewer_id := assay.user_id();
    new.key_id := assay.key_id();
  end if;
  return new;
end
$function$;

create view assay.class_quality with (security_invoker=true) as
 SELECT r.id AS run_id,
    r.project_id,
    r.name AS run,
    r.attempt,
    c.split,
    r.label_names[(c.label + 1)] AS label,
    c.n_given,
    c.n_predicted,
    c.n_mislabeled,
    c."precision",
    c.recall,
    c.f1,
    c.mean_data_error_potential
   FROM (assay.runs r
     JOIN assay.class_reports c ON ((c.revision_id = r.published_revision_id)));

create view assay.current_verdicts with (security_invoker=true) as
 SELECT verdict_id,
    project_id,
    dataset_id,
    sample_id,
    content_hash,
    verdict,
    label,
    comment,
    run_id,
    reviewer_id,
    key_id,
    created_at
   FROM ( SELECT DISTINCT ON (v.dataset_id, v.sample_id, v.content_hash) v.id AS verdict_id,
            v.project_id,
            v.dataset_id,
            v.sample_id,
            v.content_hash,
            v.verdict,
            v.label,
            v.comment,
            v.run_id,
            v.reviewer_id,
            v.key_id,
            v.created_at
           FROM assay.verdicts v
          ORDER BY v.dataset_id, v.sample_id, v.content_hash, v.created_at DESC, v.id) latest
  WHERE (verdict <> 'clear'::text);

create view assay.dataset_overview with (security_invoker=true) as
 SELECT d.id AS dataset_id,
    d.project_id,
    p.name AS project,
    d.name,
    d.created_at,
    ( SELECT (count(*))::integer AS count
           FROM assay.runs r
          WHERE (r.dataset_id = d.id)) AS n_runs,
    ( SELECT v.n_samples
           FROM assay.dataset_versions v
          WHERE (v.dataset_id = d.id)
          ORDER BY v.created_at DESC, v.id
         LIMIT 1) AS n_samples,
    ( SELECT max(r.created_at) AS max
           FROM assay.runs r
          WHERE (r.dataset_id = d.id)) AS last_run_at
   FROM (assay.datasets d
     JOIN assay.projects p ON ((p.id = d.project_id)));

create view assay.job_status with (security_invoker=true) as
 SELECT id AS job_id,
    project_id,
    run_id,
    job_kind,
    state,
    stage,
    fraction,
    COALESCE(( SELECT max(t.attempts) AS max
           FROM assay.tasks t
          WHERE (t.job_id = j.id)), 0) AS attempts,
    device,
    error_code,
    error,
    created_at,
    started_at,
    finished_at,
    stage_seconds
   FROM assay.jobs j;

create view assay.label_confusions with (security_invoker=true) as
 SELECT r.id AS run_id,
    r.project_id,
    r.name AS run,
    r.attempt,
    c.split,
    r.label_names[(c.given_label + 1)] AS given_label,
    r.label_names[(c.suggested_label + 1)] AS suggested_label,
    c.n_flagged,
    c.share_of_given
   FROM (assay.runs r
     JOIN assay.class_pairs c ON ((c.revision_id = r.published_revision_id)))
  ORDER BY c.n_flagged DESC;

create view assay.ranked_samples with (security_invoker=true) as
 SELECT r.id AS run_id,
    r.project_id,
    r.name AS run,
    r.attempt,
    r.dataset_id,
    x.rank,
    s.sample_id,
    x.split,
    s.text_preview,
    s.metadata,
    r.label_names[(x.given_label + 1)] AS given_label,
    r.label_names[(x.predicted_label + 1)] AS predicted_label,
    r.label_names[(x.suggested_label + 1)] AS suggested_label,
    x.issue_type,
    x.issue_types,
    x.reason,
    x.mislabeled_score,
    x.mislabeled_probability,
    x.data_error_potential,
    x.outlier_score,
    x.hardness,
    c.verdict,
    c.label AS verdict_label,
    x.revision_id,
    x.sample_key,
    s.content_hash,
    r.created_at AS run_created_at
   FROM (((assay.runs r
     JOIN assay.sample_results x ON ((x.revision_id = r.published_revision_id)))
     JOIN assay.samples s ON ((s.id = x.sample_key)))
     LEFT JOIN LATERAL ( SELECT v.verdict,
            v.label
           FROM assay.verdicts v
          WHERE ((v.dataset_id = s.dataset_id) AND (v.sample_id = s.sample_id) AND (v.content_hash = s.content_hash))
          ORDER BY v.created_at DESC, v.id
         LIMIT 1) c ON ((c.verdict <> 'clear'::text)));

create view assay.revision_changes with (security_invoker=true) as
 SELECT v.project_id,
    v.run_id,
    o.id AS from_revision_id,
    v.id AS to_revision_id,
    x.sample_key,
    s.sample_id,
    x.split,
    s.text_preview,
    r.label_names[(x.given_label + 1)] AS given_label,
    y.rank AS rank_before,
    x.rank AS rank_after,
    y.issue_types AS issue_types_before,
    x.issue_types AS issue_types_after,
    r.label_names[(y.suggested_label + 1)] AS suggested_label_before,
    r.label_names[(x.suggested_label + 1)] AS suggested_label_after,
    y.mislabeled_score AS mislabeled_score_before,
    x.mislabeled_score AS mislabeled_score_after,
    y.mislabeled_probability AS mislabeled_probability_before,
    x.mislabeled_probability AS mislabeled_probability_after,
    x.reason
   FROM (((((assay.revisions v
     JOIN assay.runs r ON ((r.id = v.run_id)))
     JOIN assay.revisions o ON (((o.run_id = v.run_id) AND (o.id <> v.id))))
     JOIN assay.sample_results x ON ((x.revision_id = v.id)))
     JOIN assay.sample_results y ON (((y.revision_id = o.id) AND (y.split = x.split) AND (y.sample_key = x.sample_key))))
     JOIN assay.samples s ON ((s.id = x.sample_key)))
  WHERE ((y.rank <> x.rank) OR (y.issue_types <> x.issue_types) OR (y.suggested_label IS DISTINCT FROM x.suggested_label) OR (y.mislabeled_probability IS DISTINCT FROM x.mislabeled_probability));

create view assay.revision_overview with (security_invoker=true) as
 SELECT v.id AS revision_id,
    v.project_id,
    v.run_id,
    v.number,
    v.parent_id,
    v.job_id,
    j.job_kind,
    COALESCE((v.settings -> 'thresholds'::text), '{}'::jsonb) AS thresholds,
    ((v.settings ->> 'n_verdicts'::text))::integer AS n_verdicts,
    (v.settings ->> 'model_id'::text) AS model_id,
    v.summary,
    v.n_samples,
    v.created_at,
    v.published_at,
    (r.published_revision_id = v.id) AS is_current
   FROM ((assay.revisions v
     JOIN assay.runs r ON ((r.id = v.run_id)))
     JOIN assay.jobs j ON ((j.id = v.job_id)))
  WHERE (v.published_at IS NOT NULL);

create view assay.revision_samples with (security_invoker=true) as
 SELECT r.id AS run_id,
    r.project_id,
    r.name AS run,
    r.attempt,
    r.dataset_id,
    x.rank,
    s.sample_id,
    x.split,
    s.text_preview,
    s.metadata,
    r.label_names[(x.given_label + 1)] AS given_label,
    r.label_names[(x.predicted_label + 1)] AS predicted_label,
    r.label_names[(x.suggested_label + 1)] AS suggested_label,
    x.issue_type,
    x.issue_types,
    x.reason,
    x.mislabeled_score,
    x.mislabeled_probability,
    x.data_error_potential,
    x.outlier_score,
    x.hardness,
    c.verdict,
    c.label AS verdict_label,
    x.revision_id,
    x.sample_key,
    s.content_hash,
    r.created_at AS run_created_at
   FROM ((((assay.revisions v
     JOIN assay.runs r ON ((r.id = v.run_id)))
     JOIN assay.sample_results x ON ((x.revision_id = v.id)))
     JOIN assay.samples s ON ((s.id = x.sample_key)))
     LEFT JOIN LATERAL ( SELECT d.verdict,
            d.label
           FROM assay.verdicts d
          WHERE ((d.dataset_id = s.dataset_id) AND (d.sample_id = s.sample_id) AND (d.content_hash = s.content_hash))
          ORDER BY d.created_at DESC, d.id
         LIMIT 1) c ON ((c.verdict <> 'clear'::text)));

create view assay.run_overview with (security_invoker=true) as
 SELECT r.id AS run_id,
    r.project_id,
    p.name AS project,
    r.dataset_id,
    d.name AS dataset,
    r.name,
    r.attempt,
    r.state,
    r.incomplete,
    r.label_names,
    j.id AS job_id,
    j.state AS job_state,
    v.id AS revision_id,
    v.number AS revision_number,
    v.summary,
    r.created_at
   FROM ((((assay.runs r
     JOIN assay.projects p ON ((p.id = r.project_id)))
     JOIN assay.datasets d ON ((d.id = r.dataset_id)))
     LEFT JOIN assay.revisions v ON ((v.id = r.published_revision_id)))
     LEFT JOIN LATERAL ( SELECT j_1.id,
            j_1.state
           FROM assay.jobs j_1
          WHERE (j_1.run_id = r.id)
          ORDER BY j_1.created_at DESC, j_1.id
         LIMIT 1) j ON (true));

create view assay.sample_review with (security_invoker=true) as
 SELECT run_id,
    project_id,
    run,
    attempt,
    dataset_id,
    rank,
    sample_id,
    split,
    text_preview,
    metadata,
    given_label,
    predicted_label,
    suggested_label,
    issue_type,
    issue_types,
    reason,
    mislabeled_score,
    mislabeled_probability,
    data_error_potential,
    outlier_score,
    hardness,
    verdict,
    verdict_label,
    revision_id,
    sample_key,
    content_hash,
    run_created_at
   FROM assay.ranked_samples s
  ORDER BY run_created_at DESC, run_id, rank;

create policy assay_runs_hide_deleted on storage.objects as restrictive for select to authenticated
  using (((bucket_id <> 'runs'::text) OR (NOT ((storage.foldername(name))[2:3] && ARRAY( SELECT (d.id)::text AS id
   FROM ( SELECT assay.deleted_ids('runs'::text) AS deleted_ids
        UNION ALL
         SELECT assay.deleted_ids('datasets'::text) AS deleted_ids) d(id))))));

create policy assay_runs_select_member on storage.objects as permissive for select to authenticated
  using (((bucket_id = 'runs'::text) AND ((storage.foldername(name))[1] = ANY (ARRAY( SELECT (id.id)::text AS id
   FROM assay.project_ids() id(id))))));

grant usage on schema assay to assay_edge;
grant usage on schema assay to assay_worker;
grant usage on schema assay to authenticated;
grant insert on assay.api_keys to assay_edge;
grant select (created_at, expires_at, id, last_used_at, name, prefix, project_id, revoked_at, scopes) on assay.api_keys to assay_edge;
grant update (revoked_at) on assay.api_keys to assay_edge;
grant insert on assay.audit_samples to assay_edge;
grant select on assay.audit_samples to assay_worker;
grant select on assay.audit_samples to authenticated;
grant insert on assay.audits to assay_edge;
grant select on assay.audits to assay_worker;
grant select on assay.audits to authenticated;
grant delete, insert, select on assay.class_pairs to assay_worker;
grant select on assay.class_pairs to authenticated;
grant select on assay.class_quality to authenticated;
grant delete, insert, select on assay.class_reports to assay_worker;
grant select on assay.class_reports to authenticated;
grant select on assay.current_verdicts to assay_worker;
grant select on assay.current_verdicts to authenticated;
grant select on assay.dataset_overview to authenticated;
grant insert, select on assay.dataset_version_samples to assay_worker;
grant select on assay.dataset_version_samples to authenticated;
grant insert, select, update on assay.dataset_versions to assay_worker;
grant select on assay.dataset_versions to authenticated;
grant insert, select on assay.datasets to assay_edge;
grant insert, select on assay.datasets to assay_worker;
grant select on assay.datasets to authenticated;
grant select on assay.deletions to assay_edge;
grant select on assay.deletions to assay_worker;
grant delete, insert, select on assay.encodings to assay_worker;
grant select on assay.job_status to authenticated;
grant insert, select on assay.jobs to assay_edge;
grant update (finished_at, state) on assay.jobs to assay_edge;
grant insert, select, update on assay.jobs to assay_worker;
grant select on assay.jobs to authenticated;
grant select on assay.label_confusions to authenticated;
grant delete, insert, select, update on assay.members to assay_edge;
grant select on assay.members to authenticated;
grant insert, select on assay.models to assay_edge;
grant update (sha256, size_bytes, state, storage_path) on assay.models to assay_edge;
grant delete, select on assay.models to assay_worker;
grant update (deleted_at) on assay.models to assay_worker;
grant select on assay.models to authenticated;
grant insert, select on assay.outbox to assay_edge;
grant update (claimed_until, sent_at) on assay.outbox to assay_edge;
grant delete, insert, select, update on assay.outbox to assay_worker;
grant insert, select on assay.parts to assay_edge;
grant select on assay.parts to assay_worker;
grant select on assay.parts to authenticated;
grant select, update on assay.projects to assay_edge;
grant select on assay.projects to assay_worker;
grant select on assay.projects to authenticated;
grant select on assay.ranked_samples to authenticated;
grant select on assay.revision_changes to authenticated;
grant delete, insert, select, update on assay.revision_difference_ranks to assay_worker;
grant select on assay.revision_difference_ranks to authenticated;
grant delete, insert, select, update on assay.revision_differences to assay_worker;
grant select on assay.revision_differences to authenticated;
grant select on assay.revision_overview to authenticated;
grant select on assay.revision_samples to authenticated;
grant delete, insert, select, update on assay.revisions to assay_worker;
grant select on assay.revisions to authenticated;
grant delete, insert, select on assay.row_problems to assay_worker;
grant select on assay.row_problems to authenticated;
grant select on assay.run_overview to authenticated;
grant insert, select on assay.runs to assay_edge;
grant update (closed_at, incomplete, last_part_at, state) on assay.runs to assay_edge;
grant select, update on assay.runs to assay_worker;
grant select on assay.runs to authenticated;
grant delete, insert, select on assay.sample_issues to assay_worker;
grant select on assay.sample_issues to authenticated;
grant delete, insert, select on assay.sample_neighbours to assay_worker;
grant select on assay.sample_neighbours to authenticated;
grant delete, insert, select on assay.sample_results to assay_worker;
grant select on assay.sample_results to authenticated;
grant select on assay.sample_review to authenticated;
grant insert, select, update on assay.samples to assay_worker;
grant select on assay.samples to authenticated;
grant insert, select on assay.tasks to assay_edge;
grant update (lease_token, lease_until, rung_at, state) on assay.tasks to assay_edge;
grant insert, select, update on assay.tasks to assay_worker;
grant select on assay.tasks to authenticated;
grant select on assay.verdicts to assay_worker;
grant insert, select on assay.verdicts to authenticated;
grant insert, select, update on assay.writers to assay_edge;
grant select on assay.writers to assay_worker;
grant select on assay.writers to authenticated;
grant execute on function assay.cancel_job(p_job_id uuid) to assay_edge;
grant execute on function assay.cancel_job(p_job_id uuid) to assay_worker;
grant execute on function assay.checkpoint_task(p_task_id uuid, p_lease_token uuid, p_note jsonb, p_is_progress boolean) to assay_worker;
grant execute on function assay.claim_outbox(p_limit integer, p_task_ids uuid[]) to assay_edge;
grant execute on function assay.claim_outbox(p_limit integer, p_task_ids uuid[]) to assay_worker;
grant execute on function assay.claim_task(p_task_id uuid, p_lease_seconds integer, p_worker text, p_device text) to assay_worker;
grant execute on function assay.compare_revisions(p_from uuid, p_to uuid) to authenticated;
grant execute on function assay.complete_task(p_task_id uuid, p_lease_token uuid, p_result jsonb, p_next_stage text, p_next_payloads jsonb, p_revision_id uuid) to assay_worker;
grant execute on function assay.create_project(p_name text) to assay_edge;
grant execute on function assay.create_project(p_name text) to authenticated;
grant execute on function assay.delete_model(p_id uuid) to assay_edge;
grant execute on function assay.delete_subject(p_subject text, p_id uuid) to assay_edge;
grant execute on function assay.deleted_ids(p_table text) to assay_edge;
grant execute on function assay.deleted_ids(p_table text) to authenticated;
grant execute on function assay.end_deletion(p_subject text, p_id uuid) to assay_worker;
grant execute on function assay.enqueue_export(p_project_id uuid, p_stage text, p_request jsonb) to assay_edge;
grant execute on function assay.enqueue_job(p_run_id uuid, p_job_kind text, p_stage text, p_request jsonb) to assay_edge;
grant execute on function assay.enqueue_job(p_run_id uuid, p_job_kind text, p_stage text, p_request jsonb) to assay_worker;
grant execute on function assay.extend_lease(p_task_id uuid, p_lease_token uuid, p_lease_seconds integer, p_fraction real) to assay_worker;
grant execute on function assay.fail_task(p_task_id uuid, p_lease_token uuid, p_error_code text, p_error text, p_retryable boolean) to assay_worker;
grant execute on function assay.find_api_key(p_prefix text) to assay_edge;
grant execute on function assay.keep_difference(p_from uuid, p_to uuid) to assay_worker;
grant execute on function assay.key_id() to assay_edge;
grant execute on function assay.key_id() to assay_worker;
grant execute on function assay.key_id() to authenticated;
grant execute on function assay.mark_outbox_sent(p_outbox_ids bigint[]) to assay_edge;
grant execute on function assay.mark_outbox_sent(p_outbox_ids bigint[]) to assay_worker;
grant execute on function assay.members_keep_owner() to public;
grant execute on function assay.note_encodings(p_run_id uuid, p_task_id uuid, p_lease_token uuid, p_paths text[], p_encoders text[], p_n_contents integer[], p_seen text[]) to assay_worker;
grant execute on function assay.note_key_use(p_key_id uuid) to assay_edge;
grant execute on function assay.project_ids(p_scope text) to assay_edge;
grant execute on function assay.project_ids(p_scope text) to authenticated;
grant execute on function assay.purge(p_subject text, p_id uuid, p_limit integer) to assay_worker;
grant execute on function assay.release_task(p_task_id uuid, p_lease_token uuid) to assay_worker;
grant execute on function assay.sweep(p_ring_after_seconds integer, p_silent_hours integer) to assay_worker;
grant execute on function assay.sweep_deletions() to assay_worker;
grant execute on function assay.sweep_retention(p_limit integer) to assay_worker;
grant execute on function assay.user_id() to assay_edge;
grant execute on function assay.user_id() to assay_worker;
grant execute on function assay.user_id() to authenticated;
grant execute on function assay.verdicts_fill() to public;
