// deno-lint-ignore-file camelcase
/** A dataset as `GET /datasets` and the view `dataset_overview` show it. */
export interface Dataset {
  /** The dataset. */
  readonly dataset_id: string;
  /** Project it belongs to. */
  readonly project_id: string;
  /** Name of the project. */
  readonly project: string;
  /** Its name. */
  readonly name: string;
  /** Runs that were logged about it. */
  readonly n_runs: number;
  /** Samples of its newest version; null before a run of it was read. */
  readonly n_samples: number | null;
  /** ISO 8601; null: no run. */
  readonly last_run_at: string | null;
  /** ISO 8601. */
  readonly created_at: string;
}
