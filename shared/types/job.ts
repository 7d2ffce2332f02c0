// deno-lint-ignore-file camelcase
import type { PredictionKind } from "./part.ts";
import type { Thresholds } from "./threshold.ts";

/** What the worker can be asked for. */
export type JobKind =
  | "score_run"
  | "rescore_run"
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

/** How a run is scored again. */
export interface RescoreOptions {
  /** Thresholds that differ from their defaults; `{}`: none. Null: those of the revision that is published. */
  readonly settings: Thresholds | null;
  /** Whether what people said counts. */
  readonly apply_verdicts: boolean;
  /**
   * Stored model to run over the samples again, for admins; null: by what was logged. Left out: by the outputs of the last scoring, a model's
   * among them, which is not run again.
   */
  readonly model_id?: string | null;
  /** Whether that model had trained on the samples; left out: on those of split training. */
  readonly prediction_kind?: PredictionKind;
}

/** Which of a project's scored runs are meant; what is null leaves none out. */
export interface RunFilter {
  /** Of this project. */
  readonly project_id: string;
  /** Of this dataset. */
  readonly dataset_id: string | null;
  /** With this in their name, in any case of letters. */
  readonly name_contains: string | null;
  /** Closed with what was there, or not. */
  readonly incomplete: boolean | null;
}

/** Asks for runs to be scored again, one job a run. */
export interface RescoreRequest extends RescoreOptions {
  /** Finds what hurts a model, once more. */
  readonly job_kind: "rescore_run";
  /** These runs, all of them or none; null: those of `filter`. */
  readonly run_ids: readonly string[] | null;
  /** Scored runs that fit, as far as nothing works on them; null: those of `run_ids`. */
  readonly filter: RunFilter | null;
}

/** Body of `POST /jobs`, once parsed. */
export type JobRequest = RescoreRequest | {
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

/** Answer of `POST /jobs`. */
export interface NewJobs {
  /** The first of `jobs`. */
  readonly job_id: string;
  /** Every job that was asked for, each with its run; null: about none. */
  readonly jobs: readonly {
    readonly job_id: string;
    readonly run_id: string | null;
  }[];
}

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
