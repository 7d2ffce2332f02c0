// deno-lint-ignore-file camelcase
/** What the worker can be asked for. */
export type JobKind =
  | "score_run"
  | "export_project"
  | "delete_run"
  | "delete_dataset"
  | "delete_project";

/** Life of a job and of each of its tasks. */
export type JobState =
  | "queued"
  | "running"
  | "succeeded"
  | "failed"
  | "cancelled";

/** Body of `POST /jobs`. */
export type JobRequest = {
  /** Finds what hurts a model. */
  readonly job_kind: "score_run";
  /** Run it is about. */
  readonly run_id: string;
} | {
  /** Writes a project to one file. */
  readonly job_kind: "export_project";
  /** Project it is about. */
  readonly project_id: string;
  /** Whether uploads go with it, as they were logged: images, outputs, embeddings. */
  readonly include_parts: boolean;
};

/** A job as `GET /jobs/{id}` and the view `job_status` show it. */
export interface JobStatus {
  /** The job. */
  readonly job_id: string;
  /** Project it belongs to. */
  readonly project_id: string;
  /** Run it is about; null: about none, or one that was deleted. */
  readonly run_id: string | null;
  /** What was asked for. */
  readonly job_kind: JobKind;
  /** Where it stands. */
  readonly state: JobState;
  /** Stage in work, such as `fold` or `score`. */
  readonly stage: string;
  /** Share done, 0 to 1. */
  readonly fraction: number;
  /** Most attempts any task of the job has used. */
  readonly attempts: number;
  /** Device in use, such as `cpu`; null before the first claim. */
  readonly device: string | null;
  /** Code of what made it fail; null unless failed. */
  readonly error_code: string | null;
  /** Sentence that says why it failed; null unless failed. */
  readonly error: string | null;
  /** ISO 8601. */
  readonly created_at: string;
  /** ISO 8601; null before the first claim. */
  readonly started_at: string | null;
  /** ISO 8601; null while open. */
  readonly finished_at: string | null;
  /** Seconds each finished stage took, by stage. */
  readonly stage_seconds: Readonly<Record<string, number>>;
}
