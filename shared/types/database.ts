// deno-lint-ignore-file camelcase
/**
 * Rows of the schema `assay` as the database client reads them. Written by `deno task schema`; do not edit.
 *
 * @module
 */

/** A row of the table `assay.api_keys`. */
export interface ApiKeysRow {
  /** `uuid default gen_random_uuid()`. */
  readonly id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `text`. */
  readonly prefix: string;
  /** `bytea`. */
  readonly secret_hash: Uint8Array;
  /** `text`. */
  readonly name: string;
  /** `text[]`. */
  readonly scopes: readonly string[];
  /** `timestamp with time zone default now()`. */
  readonly created_at: Date;
  /** `timestamp with time zone`. */
  readonly last_used_at: Date | null;
  /** `timestamp with time zone`. */
  readonly expires_at: Date | null;
  /** `timestamp with time zone`. */
  readonly revoked_at: Date | null;
}

/** A row of the table `assay.audit_samples`. */
export interface AuditSamplesRow {
  /** `uuid`. */
  readonly audit_id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `integer`. */
  readonly position: number;
  /** `bigint`. */
  readonly sample_key: string;
  /** `text`. */
  readonly split: string;
  /** `integer`. */
  readonly given_label: number;
  /** `integer`. */
  readonly bin: number;
}

/** A row of the table `assay.audits`. */
export interface AuditsRow {
  /** `uuid default gen_random_uuid()`. */
  readonly id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `uuid`. */
  readonly run_id: string;
  /** `uuid`. */
  readonly revision_id: string;
  /** `integer`. */
  readonly n_asked: number;
  /** `integer`. */
  readonly seed: number;
  /** `integer`. */
  readonly n_reviewed: number;
  /** `integer`. */
  readonly n_confirmed: number;
  /** `jsonb`. */
  readonly bins: unknown;
  /** `jsonb`. */
  readonly strata: unknown;
  /** `uuid`. */
  readonly created_by: string | null;
  /** `timestamp with time zone default now()`. */
  readonly created_at: Date;
}

/** A row of the table `assay.class_pairs`. */
export interface ClassPairsRow {
  /** `uuid`. */
  readonly revision_id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `text`. */
  readonly split: string;
  /** `integer`. */
  readonly given_label: number;
  /** `integer`. */
  readonly suggested_label: number;
  /** `integer`. */
  readonly n_flagged: number;
  /** `real`. */
  readonly share_of_given: number;
}

/** A row of the table `assay.class_reports`. */
export interface ClassReportsRow {
  /** `uuid`. */
  readonly revision_id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `text`. */
  readonly split: string;
  /** `integer`. */
  readonly label: number;
  /** `integer`. */
  readonly n_given: number;
  /** `integer`. */
  readonly n_predicted: number;
  /** `integer`. */
  readonly n_mislabeled: number;
  /** `real`. */
  readonly precision: number | null;
  /** `real`. */
  readonly recall: number | null;
  /** `real`. */
  readonly f1: number | null;
  /** `real`. */
  readonly mean_data_error_potential: number | null;
}

/** A row of the table `assay.dataset_version_samples`. */
export interface DatasetVersionSamplesRow {
  /** `uuid`. */
  readonly dataset_version_id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `text`. */
  readonly split: string;
  /** `bigint`. */
  readonly sample_key: string;
  /** `integer`. */
  readonly given_label: number | null;
}

/** A row of the table `assay.dataset_versions`. */
export interface DatasetVersionsRow {
  /** `uuid default gen_random_uuid()`. */
  readonly id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `uuid`. */
  readonly dataset_id: string;
  /** `uuid`. */
  readonly parent_id: string | null;
  /** `bytea`. */
  readonly digest: Uint8Array;
  /** `text[]`. */
  readonly label_names: readonly string[];
  /** `integer`. */
  readonly n_samples: number;
  /** `timestamp with time zone default now()`. */
  readonly created_at: Date;
}

/** A row of the table `assay.datasets`. */
export interface DatasetsRow {
  /** `uuid default gen_random_uuid()`. */
  readonly id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `text`. */
  readonly name: string;
  /** `timestamp with time zone default now()`. */
  readonly created_at: Date;
}

/** A row of the table `assay.deletions`. */
export interface DeletionsRow {
  /** `uuid`. */
  readonly subject_id: string;
  /** `text`. */
  readonly subject: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `timestamp with time zone default now()`. */
  readonly deleted_at: Date;
  /** `timestamp with time zone`. */
  readonly ended_at: Date | null;
}

/** A row of the table `assay.encodings`. */
export interface EncodingsRow {
  /** `text`. */
  readonly path: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `uuid`. */
  readonly dataset_id: string;
  /** `uuid`. */
  readonly run_id: string;
  /** `text`. */
  readonly encoder: string;
  /** `integer`. */
  readonly n_contents: number;
  /** `timestamp with time zone default now()`. */
  readonly created_at: Date;
}

/** A row of the table `assay.jobs`. */
export interface JobsRow {
  /** `uuid default gen_random_uuid()`. */
  readonly id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `uuid`. */
  readonly run_id: string | null;
  /** `text`. */
  readonly job_kind: string;
  /** `text default 'queued'::text`. */
  readonly state: string;
  /** `text`. */
  readonly stage: string;
  /** `real default 0`. */
  readonly fraction: number;
  /** `integer`. */
  readonly pending_tasks: number;
  /** `jsonb default '{}'::jsonb`. */
  readonly request: unknown;
  /** `jsonb default '{}'::jsonb`. */
  readonly stage_seconds: unknown;
  /** `timestamp with time zone default now()`. */
  readonly stage_started_at: Date;
  /** `text`. */
  readonly device: string | null;
  /** `text`. */
  readonly error_code: string | null;
  /** `text`. */
  readonly error: string | null;
  /** `uuid`. */
  readonly created_by: string | null;
  /** `timestamp with time zone default now()`. */
  readonly created_at: Date;
  /** `timestamp with time zone`. */
  readonly started_at: Date | null;
  /** `timestamp with time zone`. */
  readonly finished_at: Date | null;
}

/** A row of the table `assay.members`. */
export interface MembersRow {
  /** `uuid`. */
  readonly project_id: string;
  /** `uuid`. */
  readonly user_id: string;
  /** `text`. */
  readonly role: string;
  /** `timestamp with time zone default now()`. */
  readonly created_at: Date;
}

/** A row of the table `assay.models`. */
export interface ModelsRow {
  /** `uuid`. */
  readonly id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `text`. */
  readonly name: string;
  /** `text`. */
  readonly input_kind: string;
  /** `text`. */
  readonly input_name: string | null;
  /** `jsonb`. */
  readonly preprocessing: unknown | null;
  /** `text[]`. */
  readonly class_names: readonly string[];
  /** `jsonb`. */
  readonly outputs: unknown;
  /** `bytea`. */
  readonly request_digest: Uint8Array;
  /** `text default 'pending'::text`. */
  readonly state: string;
  /** `text`. */
  readonly storage_path: string | null;
  /** `bigint`. */
  readonly size_bytes: string | null;
  /** `bytea`. */
  readonly sha256: Uint8Array | null;
  /** `uuid`. */
  readonly created_by: string | null;
  /** `timestamp with time zone default now()`. */
  readonly created_at: Date;
  /** `timestamp with time zone`. */
  readonly deleted_at: Date | null;
}

/** A row of the table `assay.outbox`. */
export interface OutboxRow {
  /** `bigint generated always as identity`. */
  readonly id: string;
  /** `uuid`. */
  readonly task_id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `timestamp with time zone default now()`. */
  readonly created_at: Date;
  /** `integer default 0`. */
  readonly delay_seconds: number;
  /** `timestamp with time zone`. */
  readonly claimed_until: Date | null;
  /** `timestamp with time zone`. */
  readonly sent_at: Date | null;
}

/** A row of the table `assay.parts`. */
export interface PartsRow {
  /** `uuid default gen_random_uuid()`. */
  readonly id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `uuid`. */
  readonly run_id: string;
  /** `text`. */
  readonly idempotency_key: string;
  /** `text`. */
  readonly part_kind: string;
  /** `text`. */
  readonly split: string;
  /** `text default ''::text`. */
  readonly inference_name: string;
  /** `integer default 0`. */
  readonly epoch: number;
  /** `text`. */
  readonly writer: string;
  /** `integer default 0`. */
  readonly generation: number;
  /** `integer`. */
  readonly seq: number;
  /** `text`. */
  readonly prediction_kind: string | null;
  /** `text`. */
  readonly content_type: string;
  /** `text`. */
  readonly content_encoding: string;
  /** `text`. */
  readonly storage_path: string;
  /** `bigint`. */
  readonly size_bytes: string;
  /** `bytea`. */
  readonly sha256: Uint8Array;
  /** `timestamp with time zone default now()`. */
  readonly created_at: Date;
}

/** A row of the table `assay.projects`. */
export interface ProjectsRow {
  /** `uuid default gen_random_uuid()`. */
  readonly id: string;
  /** `text`. */
  readonly name: string;
  /** `timestamp with time zone default now()`. */
  readonly created_at: Date;
  /** `integer`. */
  readonly retention_days: number | null;
  /** `integer`. */
  readonly parts_retention_days: number | null;
}

/** A row of the table `assay.revision_difference_ranks`. */
export interface RevisionDifferenceRanksRow {
  /** `uuid`. */
  readonly to_revision_id: string;
  /** `uuid`. */
  readonly from_revision_id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `integer`. */
  readonly last_rank: number;
  /** `integer`. */
  readonly changes: number;
  /** `integer[]`. */
  readonly ranks: readonly number[];
  /** `smallint[]`. */
  readonly changes_of_rank: readonly number[];
}

/** A row of the table `assay.revision_differences`. */
export interface RevisionDifferencesRow {
  /** `uuid`. */
  readonly to_revision_id: string;
  /** `uuid`. */
  readonly from_revision_id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `uuid`. */
  readonly run_id: string;
  /** `jsonb`. */
  readonly counts: unknown;
  /** `timestamp with time zone default now()`. */
  readonly created_at: Date;
}

/** A row of the table `assay.revisions`. */
export interface RevisionsRow {
  /** `uuid`. */
  readonly id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `uuid`. */
  readonly run_id: string;
  /** `uuid`. */
  readonly job_id: string;
  /** `uuid`. */
  readonly parent_id: string | null;
  /** `integer`. */
  readonly number: number | null;
  /** `jsonb default '{}'::jsonb`. */
  readonly settings: unknown;
  /** `jsonb default '{}'::jsonb`. */
  readonly summary: unknown;
  /** `text`. */
  readonly columns_path: string | null;
  /** `integer default 0`. */
  readonly n_samples: number;
  /** `timestamp with time zone default now()`. */
  readonly created_at: Date;
  /** `timestamp with time zone`. */
  readonly published_at: Date | null;
  /** `jsonb`. */
  readonly kept: unknown | null;
  /** `jsonb`. */
  readonly report: unknown | null;
}

/** A row of the table `assay.row_problems`. */
export interface RowProblemsRow {
  /** `bigint generated always as identity`. */
  readonly id: string;
  /** `uuid`. */
  readonly revision_id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `uuid`. */
  readonly part_id: string;
  /** `integer`. */
  readonly row_number: number | null;
  /** `text`. */
  readonly column_name: string | null;
  /** `text`. */
  readonly message: string;
  /** `integer`. */
  readonly n_rows: number;
}

/** A row of the table `assay.runs`. */
export interface RunsRow {
  /** `uuid`. */
  readonly id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `uuid`. */
  readonly dataset_id: string;
  /** `text`. */
  readonly name: string;
  /** `integer`. */
  readonly attempt: number;
  /** `text`. */
  readonly task_type: string;
  /** `text[]`. */
  readonly label_names: readonly string[];
  /** `integer default 1`. */
  readonly writers: number;
  /** `jsonb`. */
  readonly metadata_schema: unknown | null;
  /** `text default 'open'::text`. */
  readonly state: string;
  /** `boolean default false`. */
  readonly incomplete: boolean;
  /** `bytea`. */
  readonly request_digest: Uint8Array;
  /** `uuid`. */
  readonly dataset_version_id: string | null;
  /** `uuid`. */
  readonly published_revision_id: string | null;
  /** `uuid`. */
  readonly created_by: string | null;
  /** `timestamp with time zone default now()`. */
  readonly created_at: Date;
  /** `timestamp with time zone default now()`. */
  readonly last_part_at: Date;
  /** `timestamp with time zone`. */
  readonly closed_at: Date | null;
  /** `timestamp with time zone`. */
  readonly parts_expired_at: Date | null;
  /** `timestamp with time zone`. */
  readonly parts_removed_at: Date | null;
}

/** A row of the table `assay.sample_issues`. */
export interface SampleIssuesRow {
  /** `uuid`. */
  readonly revision_id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `bigint`. */
  readonly sample_key: string;
  /** `text`. */
  readonly split: string;
  /** `text`. */
  readonly issue_type: string;
  /** `real`. */
  readonly score: number | null;
  /** `jsonb default '{}'::jsonb`. */
  readonly details: unknown;
}

/** A row of the table `assay.sample_neighbours`. */
export interface SampleNeighboursRow {
  /** `uuid`. */
  readonly revision_id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `bigint`. */
  readonly sample_key: string;
  /** `text`. */
  readonly split: string;
  /** `integer`. */
  readonly position: number;
  /** `bigint`. */
  readonly neighbour_key: string;
  /** `text`. */
  readonly neighbour_split: string;
  /** `real`. */
  readonly similarity: number;
}

/** A row of the table `assay.sample_results`. */
export interface SampleResultsRow {
  /** `uuid`. */
  readonly revision_id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `bigint`. */
  readonly sample_key: string;
  /** `text`. */
  readonly split: string;
  /** `integer`. */
  readonly rank: number;
  /** `integer`. */
  readonly given_label: number | null;
  /** `integer`. */
  readonly predicted_label: number | null;
  /** `integer`. */
  readonly suggested_label: number | null;
  /** `real`. */
  readonly mislabeled_score: number | null;
  /** `real`. */
  readonly mislabeled_probability: number | null;
  /** `real`. */
  readonly data_error_potential: number | null;
  /** `real`. */
  readonly outlier_score: number | null;
  /** `real`. */
  readonly hardness: number | null;
  /** `real`. */
  readonly confidence: number | null;
  /** `real`. */
  readonly variability: number | null;
  /** `real`. */
  readonly area_under_margin: number | null;
  /** `integer`. */
  readonly forgetting_events: number | null;
  /** `integer`. */
  readonly first_learned_epoch: number | null;
  /** `text`. */
  readonly issue_type: string;
  /** `text[] default '{}'::text[]`. */
  readonly issue_types: readonly string[];
  /** `text default ''::text`. */
  readonly reason: string;
}

/** A row of the table `assay.samples`. */
export interface SamplesRow {
  /** `bigint generated always as identity`. */
  readonly id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `uuid`. */
  readonly dataset_id: string;
  /** `text`. */
  readonly sample_id: string;
  /** `bytea`. */
  readonly content_hash: Uint8Array;
  /** `text`. */
  readonly text_preview: string | null;
  /** `jsonb default '{}'::jsonb`. */
  readonly metadata: unknown;
  /** `text`. */
  readonly content_path: string | null;
  /** `bigint`. */
  readonly content_offset: string | null;
  /** `integer`. */
  readonly content_bytes: number | null;
  /** `timestamp with time zone default now()`. */
  readonly created_at: Date;
}

/** A row of the table `assay.tasks`. */
export interface TasksRow {
  /** `uuid default gen_random_uuid()`. */
  readonly id: string;
  /** `uuid`. */
  readonly job_id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `text`. */
  readonly stage: string;
  /** `integer default 0`. */
  readonly shard: number;
  /** `jsonb default '{}'::jsonb`. */
  readonly payload: unknown;
  /** `jsonb`. */
  readonly result: unknown | null;
  /** `text default 'queued'::text`. */
  readonly state: string;
  /** `integer default 0`. */
  readonly attempts: number;
  /** `integer default 5`. */
  readonly max_attempts: number;
  /** `uuid`. */
  readonly lease_token: string | null;
  /** `timestamp with time zone`. */
  readonly lease_until: Date | null;
  /** `text`. */
  readonly worker: string | null;
  /** `timestamp with time zone default now()`. */
  readonly run_after: Date;
  /** `timestamp with time zone`. */
  readonly rung_at: Date | null;
  /** `text`. */
  readonly last_error: string | null;
  /** `timestamp with time zone default now()`. */
  readonly created_at: Date;
}

/** A row of the table `assay.verdicts`. */
export interface VerdictsRow {
  /** `uuid default gen_random_uuid()`. */
  readonly id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `uuid`. */
  readonly dataset_id: string;
  /** `text`. */
  readonly sample_id: string;
  /** `bytea`. */
  readonly content_hash: Uint8Array;
  /** `text`. */
  readonly verdict: string;
  /** `text`. */
  readonly label: string | null;
  /** `text`. */
  readonly comment: string | null;
  /** `uuid`. */
  readonly run_id: string | null;
  /** `uuid`. */
  readonly reviewer_id: string | null;
  /** `uuid`. */
  readonly key_id: string | null;
  /** `timestamp with time zone default clock_timestamp()`. */
  readonly created_at: Date;
}

/** A row of the table `assay.writers`. */
export interface WritersRow {
  /** `uuid`. */
  readonly run_id: string;
  /** `uuid`. */
  readonly project_id: string;
  /** `text`. */
  readonly writer: string;
  /** `integer`. */
  readonly generation: number;
  /** `jsonb`. */
  readonly manifest: unknown | null;
  /** `boolean default false`. */
  readonly incomplete: boolean;
  /** `timestamp with time zone default now()`. */
  readonly finished_at: Date;
}

/** A row of the view `assay.class_quality`. */
export interface ClassQualityRow {
  /** `uuid`. */
  readonly run_id: string | null;
  /** `uuid`. */
  readonly project_id: string | null;
  /** `text`. */
  readonly run: string | null;
  /** `integer`. */
  readonly attempt: number | null;
  /** `text`. */
  readonly split: string | null;
  /** `text`. */
  readonly label: string | null;
  /** `integer`. */
  readonly n_given: number | null;
  /** `integer`. */
  readonly n_predicted: number | null;
  /** `integer`. */
  readonly n_mislabeled: number | null;
  /** `real`. */
  readonly precision: number | null;
  /** `real`. */
  readonly recall: number | null;
  /** `real`. */
  readonly f1: number | null;
  /** `real`. */
  readonly mean_data_error_potential: number | null;
}

/** A row of the view `assay.current_verdicts`. */
export interface CurrentVerdictsRow {
  /** `uuid`. */
  readonly verdict_id: string | null;
  /** `uuid`. */
  readonly project_id: string | null;
  /** `uuid`. */
  readonly dataset_id: string | null;
  /** `text`. */
  readonly sample_id: string | null;
  /** `bytea`. */
  readonly content_hash: Uint8Array | null;
  /** `text`. */
  readonly verdict: string | null;
  /** `text`. */
  readonly label: string | null;
  /** `text`. */
  readonly comment: string | null;
  /** `uuid`. */
  readonly run_id: string | null;
  /** `uuid`. */
  readonly reviewer_id: string | null;
  /** `uuid`. */
  readonly key_id: string | null;
  /** `timestamp with time zone`. */
  readonly created_at: Date | null;
}

/** A row of the view `assay.dataset_overview`. */
export interface DatasetOverviewRow {
  /** `uuid`. */
  readonly dataset_id: string | null;
  /** `uuid`. */
  readonly project_id: string | null;
  /** `text`. */
  readonly project: string | null;
  /** `text`. */
  readonly name: string | null;
  /** `timestamp with time zone`. */
  readonly created_at: Date | null;
  /** `integer`. */
  readonly n_runs: number | null;
  /** `integer`. */
  readonly n_samples: number | null;
  /** `timestamp with time zone`. */
  readonly last_run_at: Date | null;
}

/** A row of the view `assay.job_status`. */
export interface JobStatusRow {
  /** `uuid`. */
  readonly job_id: string | null;
  /** `uuid`. */
  readonly project_id: string | null;
  /** `uuid`. */
  readonly run_id: string | null;
  /** `text`. */
  readonly job_kind: string | null;
  /** `text`. */
  readonly state: string | null;
  /** `text`. */
  readonly stage: string | null;
  /** `real`. */
  readonly fraction: number | null;
  /** `integer`. */
  readonly attempts: number | null;
  /** `text`. */
  readonly device: string | null;
  /** `text`. */
  readonly error_code: string | null;
  /** `text`. */
  readonly error: string | null;
  /** `timestamp with time zone`. */
  readonly created_at: Date | null;
  /** `timestamp with time zone`. */
  readonly started_at: Date | null;
  /** `timestamp with time zone`. */
  readonly finished_at: Date | null;
  /** `jsonb`. */
  readonly stage_seconds: unknown | null;
}

/** A row of the view `assay.label_confusions`. */
export interface LabelConfusionsRow {
  /** `uuid`. */
  readonly run_id: string | null;
  /** `uuid`. */
  readonly project_id: string | null;
  /** `text`. */
  readonly run: string | null;
  /** `integer`. */
  readonly attempt: number | null;
  /** `text`. */
  readonly split: string | null;
  /** `text`. */
  readonly given_label: string | null;
  /** `text`. */
  readonly suggested_label: string | null;
  /** `integer`. */
  readonly n_flagged: number | null;
  /** `real`. */
  readonly share_of_given: number | null;
}

/** A row of the view `assay.ranked_samples`. */
export interface RankedSamplesRow {
  /** `uuid`. */
  readonly run_id: string | null;
  /** `uuid`. */
  readonly project_id: string | null;
  /** `text`. */
  readonly run: string | null;
  /** `integer`. */
  readonly attempt: number | null;
  /** `uuid`. */
  readonly dataset_id: string | null;
  /** `integer`. */
  readonly rank: number | null;
  /** `text`. */
  readonly sample_id: string | null;
  /** `text`. */
  readonly split: string | null;
  /** `text`. */
  readonly text_preview: string | null;
  /** `jsonb`. */
  readonly metadata: unknown | null;
  /** `text`. */
  readonly given_label: string | null;
  /** `text`. */
  readonly predicted_label: string | null;
  /** `text`. */
  readonly suggested_label: string | null;
  /** `text`. */
  readonly issue_type: string | null;
  /** `text[]`. */
  readonly issue_types: readonly string[] | null;
  /** `text`. */
  readonly reason: string | null;
  /** `real`. */
  readonly mislabeled_score: number | null;
  /** `real`. */
  readonly mislabeled_probability: number | null;
  /** `real`. */
  readonly data_error_potential: number | null;
  /** `real`. */
  readonly outlier_score: number | null;
  /** `real`. */
  readonly hardness: number | null;
  /** `text`. */
  readonly verdict: string | null;
  /** `text`. */
  readonly verdict_label: string | null;
  /** `uuid`. */
  readonly revision_id: string | null;
  /** `bigint`. */
  readonly sample_key: string | null;
  /** `bytea`. */
  readonly content_hash: Uint8Array | null;
  /** `timestamp with time zone`. */
  readonly run_created_at: Date | null;
}

/** A row of the view `assay.revision_changes`. */
export interface RevisionChangesRow {
  /** `uuid`. */
  readonly project_id: string | null;
  /** `uuid`. */
  readonly run_id: string | null;
  /** `uuid`. */
  readonly from_revision_id: string | null;
  /** `uuid`. */
  readonly to_revision_id: string | null;
  /** `bigint`. */
  readonly sample_key: string | null;
  /** `text`. */
  readonly sample_id: string | null;
  /** `text`. */
  readonly split: string | null;
  /** `text`. */
  readonly text_preview: string | null;
  /** `text`. */
  readonly given_label: string | null;
  /** `integer`. */
  readonly rank_before: number | null;
  /** `integer`. */
  readonly rank_after: number | null;
  /** `text[]`. */
  readonly issue_types_before: readonly string[] | null;
  /** `text[]`. */
  readonly issue_types_after: readonly string[] | null;
  /** `text`. */
  readonly suggested_label_before: string | null;
  /** `text`. */
  readonly suggested_label_after: string | null;
  /** `real`. */
  readonly mislabeled_score_before: number | null;
  /** `real`. */
  readonly mislabeled_score_after: number | null;
  /** `real`. */
  readonly mislabeled_probability_before: number | null;
  /** `real`. */
  readonly mislabeled_probability_after: number | null;
  /** `text`. */
  readonly reason: string | null;
}

/** A row of the view `assay.revision_overview`. */
export interface RevisionOverviewRow {
  /** `uuid`. */
  readonly revision_id: string | null;
  /** `uuid`. */
  readonly project_id: string | null;
  /** `uuid`. */
  readonly run_id: string | null;
  /** `integer`. */
  readonly number: number | null;
  /** `uuid`. */
  readonly parent_id: string | null;
  /** `uuid`. */
  readonly job_id: string | null;
  /** `text`. */
  readonly job_kind: string | null;
  /** `jsonb`. */
  readonly thresholds: unknown | null;
  /** `integer`. */
  readonly n_verdicts: number | null;
  /** `text`. */
  readonly model_id: string | null;
  /** `jsonb`. */
  readonly summary: unknown | null;
  /** `integer`. */
  readonly n_samples: number | null;
  /** `timestamp with time zone`. */
  readonly created_at: Date | null;
  /** `timestamp with time zone`. */
  readonly published_at: Date | null;
  /** `boolean`. */
  readonly is_current: boolean | null;
}

/** A row of the view `assay.revision_samples`. */
export interface RevisionSamplesRow {
  /** `uuid`. */
  readonly run_id: string | null;
  /** `uuid`. */
  readonly project_id: string | null;
  /** `text`. */
  readonly run: string | null;
  /** `integer`. */
  readonly attempt: number | null;
  /** `uuid`. */
  readonly dataset_id: string | null;
  /** `integer`. */
  readonly rank: number | null;
  /** `text`. */
  readonly sample_id: string | null;
  /** `text`. */
  readonly split: string | null;
  /** `text`. */
  readonly text_preview: string | null;
  /** `jsonb`. */
  readonly metadata: unknown | null;
  /** `text`. */
  readonly given_label: string | null;
  /** `text`. */
  readonly predicted_label: string | null;
  /** `text`. */
  readonly suggested_label: string | null;
  /** `text`. */
  readonly issue_type: string | null;
  /** `text[]`. */
  readonly issue_types: readonly string[] | null;
  /** `text`. */
  readonly reason: string | null;
  /** `real`. */
  readonly mislabeled_score: number | null;
  /** `real`. */
  readonly mislabeled_probability: number | null;
  /** `real`. */
  readonly data_error_potential: number | null;
  /** `real`. */
  readonly outlier_score: number | null;
  /** `real`. */
  readonly hardness: number | null;
  /** `text`. */
  readonly verdict: string | null;
  /** `text`. */
  readonly verdict_label: string | null;
  /** `uuid`. */
  readonly revision_id: string | null;
  /** `bigint`. */
  readonly sample_key: string | null;
  /** `bytea`. */
  readonly content_hash: Uint8Array | null;
  /** `timestamp with time zone`. */
  readonly run_created_at: Date | null;
}

/** A row of the view `assay.run_overview`. */
export interface RunOverviewRow {
  /** `uuid`. */
  readonly run_id: string | null;
  /** `uuid`. */
  readonly project_id: string | null;
  /** `text`. */
  readonly project: string | null;
  /** `uuid`. */
  readonly dataset_id: string | null;
  /** `text`. */
  readonly dataset: string | null;
  /** `text`. */
  readonly name: string | null;
  /** `integer`. */
  readonly attempt: number | null;
  /** `text`. */
  readonly state: string | null;
  /** `boolean`. */
  readonly incomplete: boolean | null;
  /** `text[]`. */
  readonly label_names: readonly string[] | null;
  /** `uuid`. */
  readonly job_id: string | null;
  /** `text`. */
  readonly job_state: string | null;
  /** `uuid`. */
  readonly revision_id: string | null;
  /** `integer`. */
  readonly revision_number: number | null;
  /** `jsonb`. */
  readonly summary: unknown | null;
  /** `timestamp with time zone`. */
  readonly created_at: Date | null;
}

/** A row of the view `assay.sample_review`. */
export interface SampleReviewRow {
  /** `uuid`. */
  readonly run_id: string | null;
  /** `uuid`. */
  readonly project_id: string | null;
  /** `text`. */
  readonly run: string | null;
  /** `integer`. */
  readonly attempt: number | null;
  /** `uuid`. */
  readonly dataset_id: string | null;
  /** `integer`. */
  readonly rank: number | null;
  /** `text`. */
  readonly sample_id: string | null;
  /** `text`. */
  readonly split: string | null;
  /** `text`. */
  readonly text_preview: string | null;
  /** `jsonb`. */
  readonly metadata: unknown | null;
  /** `text`. */
  readonly given_label: string | null;
  /** `text`. */
  readonly predicted_label: string | null;
  /** `text`. */
  readonly suggested_label: string | null;
  /** `text`. */
  readonly issue_type: string | null;
  /** `text[]`. */
  readonly issue_types: readonly string[] | null;
  /** `text`. */
  readonly reason: string | null;
  /** `real`. */
  readonly mislabeled_score: number | null;
  /** `real`. */
  readonly mislabeled_probability: number | null;
  /** `real`. */
  readonly data_error_potential: number | null;
  /** `real`. */
  readonly outlier_score: number | null;
  /** `real`. */
  readonly hardness: number | null;
  /** `text`. */
  readonly verdict: string | null;
  /** `text`. */
  readonly verdict_label: string | null;
  /** `uuid`. */
  readonly revision_id: string | null;
  /** `bigint`. */
  readonly sample_key: string | null;
  /** `bytea`. */
  readonly content_hash: Uint8Array | null;
  /** `timestamp with time zone`. */
  readonly run_created_at: Date | null;
}
