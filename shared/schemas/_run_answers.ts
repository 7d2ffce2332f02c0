/**
 * What the edge answers of datasets, runs, their parts and jobs.
 *
 * @module
 */
import { z } from "zod";
import type { Dataset } from "../types/dataset.ts";
import type { JobStatus, NewJobs } from "../types/job.ts";
import type { FinishReceipt, PartReceipt, PartUpload } from "../types/part.ts";
import type { ErrorEstimate, RunSummary } from "../types/result.ts";
import type { RunOverview, RunReceipt } from "../types/run.ts";
import {
  instant,
  issueType,
  jobKind,
  jobState,
  runState,
  share,
  size,
  uuid,
} from "./_answer_fields.ts";
import { split } from "./_parse.ts";

const errorEstimate: z.ZodType<ErrorEstimate> = z.strictObject({
  n: size,
  mean: z.number().min(0),
  low: z.number().min(0),
  high: z.number().min(0),
});
export const summary: z.ZodType<RunSummary> = z.looseObject({
  verdict: z.string(),
  n_samples: size,
  n_classes: size,
  n_epochs: size,
  issue_counts: z.partialRecord(issueType, size),
  estimated_noise_rate: share.nullable(),
  noise_rate_interval: z.strictObject({ low: share, high: share }).nullable()
    .exactOptional(),
  expected_errors: z.strictObject({
    basis: z.enum(["scores", "verdicts"]),
    top: z.array(errorEstimate),
    flagged: errorEstimate,
    all: errorEstimate.nullable(),
  }).nullable().exactOptional(),
  n_row_problems: size,
  accuracy: z.partialRecord(split, share),
  notes: z.array(z.string()).exactOptional(),
});
export const run: z.ZodType<RunOverview> = z.strictObject({
  run_id: uuid,
  project_id: uuid,
  dataset_id: uuid,
  dataset: z.string(),
  name: z.string(),
  attempt: z.int().min(1),
  state: runState,
  incomplete: z.boolean(),
  label_names: z.array(z.string()),
  job_id: uuid.nullable(),
  job_state: jobState.nullable(),
  revision_id: uuid.nullable(),
  revision_number: z.int().min(1).nullable(),
  summary: summary.nullable(),
  created_at: instant,
});
export const dataset: z.ZodType<Dataset> = z.strictObject({
  dataset_id: uuid,
  project_id: uuid,
  project: z.string(),
  name: z.string(),
  n_runs: size,
  n_samples: size.nullable(),
  last_run_at: instant.nullable(),
  created_at: instant,
});
export const runReceipt: z.ZodType<RunReceipt> = z.strictObject({
  run_id: uuid,
  project_id: uuid,
  dataset_id: uuid,
  attempt: z.int().min(1),
  state: runState,
});
export const partReceipt: z.ZodType<PartReceipt> = z.strictObject({
  part_id: uuid,
  run_id: uuid,
  size_bytes: size,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export const partUpload: z.ZodType<PartUpload> = z.strictObject({
  part_id: uuid,
  run_id: uuid,
  bucket: z.string(),
  path: z.string(),
  upload_url: z.string().meta({ format: "uri" }),
  token: z.string(),
  expires_at: instant,
});
export const finishReceipt: z.ZodType<FinishReceipt> = z.strictObject({
  run_id: uuid,
  state: runState,
  job_id: uuid.nullable(),
  writers_missing: size,
});
export const job: z.ZodType<JobStatus> = z.strictObject({
  job_id: uuid,
  project_id: uuid,
  run_id: uuid.nullable(),
  job_kind: jobKind,
  state: jobState,
  stage: z.string(),
  fraction: share,
  attempts: size,
  device: z.string().nullable(),
  error_code: z.string().nullable(),
  error: z.string().nullable(),
  created_at: instant,
  started_at: instant.nullable(),
  finished_at: instant.nullable(),
  stage_seconds: z.record(z.string(), z.number()),
});
export const newJobs: z.ZodType<NewJobs> = z.strictObject({
  job_id: uuid,
  jobs: z.array(z.strictObject({ job_id: uuid, run_id: uuid.nullable() })),
});
