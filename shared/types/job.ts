// deno-lint-ignore-file camelcase
/** What a user can ask the worker for. */
export type JobKind = "score_run";

/** Life of a job and of each of its tasks. */
export type JobState =
  | "queued"
  | "running"
  | "succeeded"
  | "failed"
  | "cancelled";

/** Body of `POST /jobs`. */
export interface JobRequest {
  /** What is asked for. */
  readonly job_kind: JobKind;
  /** Run it is about. */
  readonly run_id: string;
}

/** A job as `GET /jobs/{id}` and the view `job_status` show it. */
export interface JobStatus {
  /** The job. */
  readonly job_id: string;
  /** Project it belongs to. */
  readonly project_id: string;
  /** Run it is about. */
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
