// deno-lint-ignore-file camelcase
/**
 * Rows of the schema `assay` as the database client reads them. Written by `deno task schema`; do not edit.
 *
 * @module
 */

/** A row of the table `assay.api_keys`. */
export interface ApiKeysRow {
  readonly id: string;
  readonly project_id: string;
  readonly prefix: string;
  readonly secret_hash: Uint8Array;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly created_at: Date;
  readonly last_used_at: Date | null;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
}

/** A row of the table `assay.class_pairs`. */
export interface ClassPairsRow {
  readonly revision_id: string;
  readonly project_id: string;
  readonly split: string;
  readonly given_label: number;
  readonly suggested_label: number;
  readonly n_flagged: number;
  readonly share_of_given: number;
}

/** A row of the table `assay.class_reports`. */
export interface ClassReportsRow {
  readonly revision_id: string;
  readonly project_id: string;
  readonly split: string;
  readonly label: number;
  readonly n_given: number;
  readonly n_predicted: number;
  readonly n_mislabeled: number;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  readonly mean_data_error_potential: number | null;
}

/** A row of the table `assay.dataset_version_samples`. */
export interface DatasetVersionSamplesRow {
  readonly dataset_version_id: string;
  readonly project_id: string;
  readonly split: string;
  readonly sample_key: string;
  readonly given_label: number | null;
}

/** A row of the table `assay.dataset_versions`. */
export interface DatasetVersionsRow {
  readonly id: string;
  readonly project_id: string;
  readonly dataset_id: string;
  readonly parent_id: string | null;
  readonly digest: Uint8Array;
  readonly label_names: readonly string[];
  readonly n_samples: number;
  readonly created_at: Date;
}

/** A row of the table `assay.datasets`. */
export interface DatasetsRow {
  readonly id: string;
  readonly project_id: string;
  readonly name: string;
  readonly created_at: Date;
}

/** A row of the table `assay.jobs`. */
export interface JobsRow {
  readonly id: string;
  readonly project_id: string;
  readonly run_id: string | null;
  readonly job_kind: string;
  readonly state: string;
  readonly stage: string;
  readonly fraction: number;
  readonly pending_tasks: number;
  readonly request: unknown;
  readonly stage_seconds: unknown;
  readonly stage_started_at: Date;
  readonly device: string | null;
  readonly error_code: string | null;
  readonly error: string | null;
  readonly created_by: string | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
}

/** A row of the table `assay.members`. */
export interface MembersRow {
  readonly project_id: string;
  readonly user_id: string;
  readonly role: string;
  readonly created_at: Date;
}

/** A row of the table `assay.outbox`. */
export interface OutboxRow {
  readonly id: string;
  readonly task_id: string;
  readonly project_id: string;
  readonly created_at: Date;
  readonly delay_seconds: number;
  readonly claimed_until: Date | null;
  readonly sent_at: Date | null;
}

/** A row of the table `assay.parts`. */
export interface PartsRow {
  readonly id: string;
  readonly project_id: string;
  readonly run_id: string;
  readonly idempotency_key: string;
  readonly part_kind: string;
  readonly split: string;
  readonly inference_name: string;
  readonly epoch: number;
  readonly writer: string;
  readonly generation: number;
  readonly seq: number;
  readonly prediction_kind: string | null;
  readonly content_type: string;
  readonly content_encoding: string;
  readonly storage_path: string;
  readonly size_bytes: string;
  readonly sha256: Uint8Array;
  readonly created_at: Date;
}

/** A row of the table `assay.projects`. */
export interface ProjectsRow {
  readonly id: string;
  readonly name: string;
  readonly created_at: Date;
}

/** A row of the table `assay.revisions`. */
export interface RevisionsRow {
  readonly id: string;
  readonly project_id: string;
  readonly run_id: string;
  readonly job_id: string;
  readonly parent_id: string | null;
  readonly number: number | null;
  readonly settings: unknown;
  readonly summary: unknown;
  readonly columns_path: string | null;
  readonly n_samples: number;
  readonly created_at: Date;
  readonly published_at: Date | null;
}

/** A row of the table `assay.row_problems`. */
export interface RowProblemsRow {
  readonly id: string;
  readonly revision_id: string;
  readonly project_id: string;
  readonly part_id: string;
  readonly row_number: number | null;
  readonly column_name: string | null;
  readonly message: string;
  readonly n_rows: number;
}

/** A row of the table `assay.runs`. */
export interface RunsRow {
  readonly id: string;
  readonly project_id: string;
  readonly dataset_id: string;
  readonly name: string;
  readonly attempt: number;
  readonly task_type: string;
  readonly label_names: readonly string[];
  readonly writers: number;
  readonly metadata_schema: unknown | null;
  readonly state: string;
  readonly incomplete: boolean;
  readonly request_digest: Uint8Array;
  readonly dataset_version_id: string | null;
  readonly published_revision_id: string | null;
  readonly created_by: string | null;
  readonly created_at: Date;
  readonly last_part_at: Date;
  readonly closed_at: Date | null;
}

/** A row of the table `assay.sample_issues`. */
export interface SampleIssuesRow {
  readonly revision_id: string;
  readonly project_id: string;
  readonly sample_key: string;
  readonly split: string;
  readonly issue_type: string;
  readonly score: number | null;
  readonly details: unknown;
}

/** A row of the table `assay.sample_neighbours`. */
export interface SampleNeighboursRow {
  readonly revision_id: string;
  readonly project_id: string;
  readonly sample_key: string;
  readonly split: string;
  readonly position: number;
  readonly neighbour_key: string;
  readonly neighbour_split: string;
  readonly similarity: number;
}

/** A row of the table `assay.sample_results`. */
export interface SampleResultsRow {
  readonly revision_id: string;
  readonly project_id: string;
  readonly sample_key: string;
  readonly split: string;
  readonly rank: number;
  readonly given_label: number | null;
  readonly predicted_label: number | null;
  readonly suggested_label: number | null;
  readonly mislabeled_score: number | null;
  readonly mislabeled_probability: number | null;
  readonly data_error_potential: number | null;
  readonly outlier_score: number | null;
  readonly hardness: number | null;
  readonly confidence: number | null;
  readonly variability: number | null;
  readonly area_under_margin: number | null;
  readonly forgetting_events: number | null;
  readonly first_learned_epoch: number | null;
  readonly issue_type: string;
  readonly issue_types: readonly string[];
  readonly reason: string;
}

/** A row of the table `assay.samples`. */
export interface SamplesRow {
  readonly id: string;
  readonly project_id: string;
  readonly dataset_id: string;
  readonly sample_id: string;
  readonly content_hash: Uint8Array;
  readonly text_preview: string | null;
  readonly metadata: unknown;
  readonly content_path: string | null;
  readonly content_offset: string | null;
  readonly content_bytes: number | null;
  readonly created_at: Date;
}

/** A row of the table `assay.tasks`. */
export interface TasksRow {
  readonly id: string;
  readonly job_id: string;
  readonly project_id: string;
  readonly stage: string;
  readonly shard: number;
  readonly payload: unknown;
  readonly result: unknown | null;
  readonly state: string;
  readonly attempts: number;
  readonly max_attempts: number;
  readonly lease_token: string | null;
  readonly lease_until: Date | null;
  readonly worker: string | null;
  readonly run_after: Date;
  readonly rung_at: Date | null;
  readonly last_error: string | null;
  readonly created_at: Date;
}

/** A row of the table `assay.verdicts`. */
export interface VerdictsRow {
  readonly id: string;
  readonly project_id: string;
  readonly dataset_id: string;
  readonly sample_id: string;
  readonly content_hash: Uint8Array;
  readonly verdict: string;
  readonly label: string | null;
  readonly comment: string | null;
  readonly run_id: string | null;
  readonly reviewer_id: string | null;
  readonly key_id: string | null;
  readonly created_at: Date;
}

/** A row of the table `assay.writers`. */
export interface WritersRow {
  readonly run_id: string;
  readonly project_id: string;
  readonly writer: string;
  readonly generation: number;
  readonly manifest: unknown | null;
  readonly incomplete: boolean;
  readonly finished_at: Date;
}

/** A row of the view `assay.class_quality`. */
export interface ClassQualityRow {
  readonly run_id: string | null;
  readonly project_id: string | null;
  readonly run: string | null;
  readonly attempt: number | null;
  readonly split: string | null;
  readonly label: string | null;
  readonly n_given: number | null;
  readonly n_predicted: number | null;
  readonly n_mislabeled: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  readonly mean_data_error_potential: number | null;
}

/** A row of the view `assay.current_verdicts`. */
export interface CurrentVerdictsRow {
  readonly verdict_id: string | null;
  readonly project_id: string | null;
  readonly dataset_id: string | null;
  readonly sample_id: string | null;
  readonly content_hash: Uint8Array | null;
  readonly verdict: string | null;
  readonly label: string | null;
  readonly comment: string | null;
  readonly run_id: string | null;
  readonly reviewer_id: string | null;
  readonly key_id: string | null;
  readonly created_at: Date | null;
}

/** A row of the view `assay.job_status`. */
export interface JobStatusRow {
  readonly job_id: string | null;
  readonly project_id: string | null;
  readonly run_id: string | null;
  readonly job_kind: string | null;
  readonly state: string | null;
  readonly stage: string | null;
  readonly fraction: number | null;
  readonly attempts: number | null;
  readonly device: string | null;
  readonly error_code: string | null;
  readonly error: string | null;
  readonly created_at: Date | null;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly stage_seconds: unknown | null;
}

/** A row of the view `assay.label_confusions`. */
export interface LabelConfusionsRow {
  readonly run_id: string | null;
  readonly project_id: string | null;
  readonly run: string | null;
  readonly attempt: number | null;
  readonly split: string | null;
  readonly given_label: string | null;
  readonly suggested_label: string | null;
  readonly n_flagged: number | null;
  readonly share_of_given: number | null;
}

/** A row of the view `assay.run_overview`. */
export interface RunOverviewRow {
  readonly run_id: string | null;
  readonly project_id: string | null;
  readonly project: string | null;
  readonly dataset_id: string | null;
  readonly dataset: string | null;
  readonly name: string | null;
  readonly attempt: number | null;
  readonly state: string | null;
  readonly incomplete: boolean | null;
  readonly label_names: readonly string[] | null;
  readonly job_id: string | null;
  readonly job_state: string | null;
  readonly revision_id: string | null;
  readonly revision_number: number | null;
  readonly summary: unknown | null;
  readonly created_at: Date | null;
}

/** A row of the view `assay.sample_review`. */
export interface SampleReviewRow {
  readonly run_id: string | null;
  readonly project_id: string | null;
  readonly run: string | null;
  readonly attempt: number | null;
  readonly dataset_id: string | null;
  readonly rank: number | null;
  readonly sample_id: string | null;
  readonly split: string | null;
  readonly text_preview: string | null;
  readonly metadata: unknown | null;
  readonly given_label: string | null;
  readonly predicted_label: string | null;
  readonly suggested_label: string | null;
  readonly issue_type: string | null;
  readonly issue_types: readonly string[] | null;
  readonly reason: string | null;
  readonly mislabeled_score: number | null;
  readonly mislabeled_probability: number | null;
  readonly data_error_potential: number | null;
  readonly outlier_score: number | null;
  readonly hardness: number | null;
  readonly verdict: string | null;
  readonly verdict_label: string | null;
  readonly revision_id: string | null;
  readonly sample_key: string | null;
  readonly content_hash: Uint8Array | null;
}
