// deno-lint-ignore-file camelcase
import type { JobState } from "./job.ts";
import type { RunSummary } from "./result.ts";

/** Body of `PUT /runs/{run_id}`. The client makes the id, so a retry changes nothing. */
export interface RunRequest {
  /** Project id, or its name; null: the key's project, or the caller's only one. */
  readonly project: string | null;
  /** Dataset name; null: the project's name. */
  readonly dataset: string | null;
  /** Name of the run; the same name again is a new attempt. */
  readonly name: string;
  /** What the model does. */
  readonly task: "classification";
  /** Class names in logit order, 1 to 10,000, unique. */
  readonly label_names: readonly string[];
  /** Number of processes that log to this run. */
  readonly writers: number;
  /** JSON Schema of the metadata columns of a sample; null: anything flat. */
  readonly metadata_schema: Readonly<Record<string, unknown>> | null;
}

/** Answer of `PUT /runs/{run_id}`. */
export interface RunReceipt {
  /** The run. */
  readonly run_id: string;
  /** Project it belongs to. */
  readonly project_id: string;
  /** Dataset it belongs to. */
  readonly dataset_id: string;
  /** How often this name was used before, plus 1. */
  readonly attempt: number;
  /** Whether parts are still taken. */
  readonly state: "open" | "closed";
}

/** A run as lists show it. */
export interface RunOverview {
  /** The run. */
  readonly run_id: string;
  /** Project it belongs to. */
  readonly project_id: string;
  /** Dataset it belongs to. */
  readonly dataset_id: string;
  /** Dataset name. */
  readonly dataset: string;
  /** Run name. */
  readonly name: string;
  /** From 1. */
  readonly attempt: number;
  /** Whether parts are still taken. */
  readonly state: "open" | "closed";
  /** Closed with what was there. */
  readonly incomplete: boolean;
  /** Class names in logit order. */
  readonly label_names: readonly string[];
  /** Latest job of the run; null before finish. */
  readonly job_id: string | null;
  /** State of that job. */
  readonly job_state: JobState | null;
  /** Published revision; null before the first. */
  readonly revision_id: string | null;
  /** Number of that revision, from 1. */
  readonly revision_number: number | null;
  /** What the revision found; null before the first. */
  readonly summary: RunSummary | null;
  /** ISO 8601. */
  readonly created_at: string;
}
