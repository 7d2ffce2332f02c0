// deno-lint-ignore-file camelcase
import type { Model } from "./model_types.ts";

/** Portion of a dataset. */
export type Split = "training" | "validation" | "test";

/** What describes a run. */
export interface RunOptions {
  /** Base URL of the server; default `ASSAY_URL`, else a server on this machine. */
  readonly url?: string;
  /** API key; default `ASSAY_API_KEY`, else that of the server on this machine. */
  readonly apiKey?: string;
  /** Project name or id; default the key's. */
  readonly project?: string;
  /** Dataset name; default the project's name. */
  readonly dataset?: string;
  /** Name of the run; the same name again is a new attempt. */
  readonly name: string;
  /** Class names in logit order. */
  readonly labelNames: readonly string[];
  /** JSON Schema of the metadata columns. */
  readonly metadataSchema?: Readonly<Record<string, unknown>>;
  /** Id of the run, a UUID; default a new one. A second process of the same training gives the first one's. */
  readonly runId?: string;
}

/** Samples as columns of equal length. */
export interface Samples {
  /** Unique per split. */
  readonly ids: readonly (string | number)[];
  /** Class names or indices; null where unlabelled. */
  readonly labels?: readonly (string | number | null)[];
  /** What people read. */
  readonly texts?: readonly string[];
  /** Numbers of a table row. */
  readonly features?: readonly (readonly number[])[];
  /** Any other columns by name. */
  readonly metadata?: Readonly<
    Record<string, readonly (string | number | boolean | null)[]>
  >;
}

/** What the model said about some samples in one epoch. */
export interface Outputs {
  /** Sample of each row. */
  readonly ids: readonly (string | number)[];
  /** Row after row, (ids.length * n_classes,); this or `probs`. */
  readonly logits?: Float32Array;
  /** Row after row, (ids.length * n_classes,). */
  readonly probs?: Float32Array;
  /** Row after row, (ids.length * width,); the last epoch is enough. */
  readonly embeddings?: Float32Array;
  /** From 0. */
  readonly epoch: number;
}

/** Where rows belong. */
export interface LogOptions {
  /** Default `training`. */
  readonly split?: Split;
  /** Outputs only: whether the model had trained on these samples; default for split training it had. */
  readonly predictionKind?: "in_sample" | "out_of_sample";
}

/** Where a job stands. */
export interface JobProgress {
  readonly job_id: string;
  readonly state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
  readonly stage: string;
  readonly fraction: number;
  readonly error: string | null;
  readonly stage_seconds: Readonly<Record<string, number>>;
}

/** One row of the ranked list, worst first. */
export interface RankedSample {
  readonly rank: number;
  readonly sample_id: string;
  readonly split: Split;
  readonly text_preview: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly given_label: string | null;
  readonly predicted_label: string | null;
  readonly suggested_label: string | null;
  readonly issue_type: string;
  readonly issue_types: readonly string[];
  readonly reason: string;
  readonly mislabeled_score: number | null;
  readonly data_error_potential: number | null;
  readonly outlier_score: number | null;
  readonly hardness: number | null;
}

/** What a run came to. */
export interface RunSummary {
  readonly verdict: string;
  readonly n_samples: number;
  readonly n_classes: number;
  readonly n_epochs: number;
  readonly issue_counts: Readonly<Record<string, number>>;
  readonly estimated_noise_rate: number | null;
  /** A 90 % interval for that; older revisions have none. */
  readonly noise_rate_interval?: {
    readonly low: number;
    readonly high: number;
  } | null;
  readonly n_row_problems: number;
  readonly accuracy: Readonly<Record<string, number>>;
  /** Sentences on how it was found; older revisions have none. */
  readonly notes?: readonly string[];
}

/** Which scored runs of a project are meant; what is left out leaves none out. */
export interface RunFilter {
  /** Default the key's. */
  readonly projectId?: string;
  readonly datasetId?: string;
  /** In any case of letters. */
  readonly nameContains?: string;
  readonly incomplete?: boolean;
}

/** How runs are scored again, and where. */
export interface RescoreOptions {
  /** By issue type and name, such as `{ mislabeled: { min_probability: 0.3 } }`; `{}`: the defaults. Default: those of the last time. */
  readonly thresholds?: Readonly<
    Record<string, Readonly<Record<string, number>>>
  >;
  /** Whether what people said counts; default true. */
  readonly verdicts?: boolean;
  /** A stored model to run over the samples again; null: back to what was logged. Default: the outputs of the last time, a model's among them. */
  readonly modelId?: string | Model | null;
  /** Whether that model had trained on the samples: on none, or on all; default: on those of the training split. */
  readonly predictionKind?: "in_sample" | "out_of_sample";
  /** Base URL of the server; default `ASSAY_URL`, else a server on this machine. */
  readonly url?: string;
  /** API key; default `ASSAY_API_KEY`, else that of the server on this machine. */
  readonly apiKey?: string;
}

/** What two revisions of a run say differently. */
export interface RevisionDifference {
  readonly from_revision_id: string;
  readonly to_revision_id: string;
  /** Over all samples, on the first page. */
  readonly counts: {
    readonly n_compared: number;
    readonly newly_flagged: number;
    readonly no_longer_flagged: number;
    readonly issue_types: number;
    readonly suggestion: number;
    readonly probability: number;
    readonly rank: number;
    readonly by_issue_type: Readonly<
      Record<string, { readonly added: number; readonly removed: number }>
    >;
  } | null;
  /** Samples that changed, by their later rank. */
  readonly rows: readonly {
    readonly sample_id: string;
    readonly split: Split;
    readonly given_label: string | null;
    readonly rank_before: number;
    readonly rank_after: number;
    readonly issue_types_before: readonly string[];
    readonly issue_types_after: readonly string[];
    readonly suggested_label_before: string | null;
    readonly suggested_label_after: string | null;
    readonly reason: string;
  }[];
  /** Pass as `cursor` for the next page; null: this was the last. */
  readonly next_cursor: string | null;
}
