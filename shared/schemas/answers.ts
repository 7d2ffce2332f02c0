// deno-lint-ignore-file camelcase
/**
 * What the edge answers, as JSON Schema. The types say the same by hand, and the compiler compares; that routes keep to it is tested with
 * every answer that a test of a route gets.
 *
 * @module
 */
import { z } from "zod";
import { ERRORS } from "../errors.ts";
import type {
  AuditAnswer,
  AuditProgress,
  AuditSample,
  Interval,
} from "../types/audit.ts";
import type { Dataset } from "../types/dataset.ts";
import { ISSUE_TYPES } from "../types/issue.ts";
import type { JobKind, JobStatus, NewJobs } from "../types/job.ts";
import type { JsonSchema } from "../types/json_schema.ts";
import type { ListedModel, ModelUpload, StoredModel } from "../types/model.ts";
import type { ErrorBody, Page } from "../types/page.ts";
import type { FinishReceipt, PartReceipt, PartUpload } from "../types/part.ts";
import type { ApiKey, Member, Project } from "../types/project.ts";
import type {
  ClassReportRow,
  ErrorEstimate,
  LabelConfusion,
  RankedSample,
  RowProblem,
  RunSummary,
} from "../types/result.ts";
import type {
  ChangeCounts,
  RevisionDifference,
  RevisionOverview,
  SampleChange,
} from "../types/revision.ts";
import type { RunOverview, RunReceipt } from "../types/run.ts";
import type {
  Neighbour,
  SampleDetail,
  SampleDynamics,
} from "../types/sample.ts";
import type { ThresholdRange, Thresholds } from "../types/threshold.ts";
import type { VerdictRecord } from "../types/verdict.ts";
import { jsonSchemaOf } from "./_json_schema.ts";
import { split } from "./_parse.ts";
import { runReport } from "./_report.ts";

const uuid = z.string().meta({ format: "uuid" });
const instant = z.string().meta({ format: "date-time" });
const size = z.int().min(0);
const days = z.int().min(1).nullable();
const share = z.number().min(0).max(1);
const issueType = z.enum(ISSUE_TYPES);
const verdictKind = z.enum([
  "keep",
  "relabel",
  "drop",
  "needs_review",
  "clear",
]);
const role = z.enum(["viewer", "editor", "owner"]);
const scopes = z.array(z.enum(["ingest", "read", "write", "admin"]));
const runState = z.enum(["open", "closed"]);
const jobState = z.enum([
  "queued",
  "running",
  "succeeded",
  "failed",
  "cancelled",
]);

const jobKind = z.enum([
  "score_run",
  "rescore_run",
  "export_project",
  "delete_run",
  "delete_dataset",
  "delete_project",
]) as z.ZodType<JobKind>;

const error: z.ZodType<ErrorBody> = z.strictObject({
  error: z.strictObject({
    code: z.enum(Object.keys(ERRORS)),
    message: z.string(),
    details: z.record(z.string(), z.unknown()).exactOptional(),
    request_id: z.string(),
  }),
});

const projectFields = {
  project_id: uuid,
  name: z.string(),
  role: role.nullable(),
  retention_days: days,
  parts_retention_days: days,
  created_at: instant,
};
const project: z.ZodType<Project> = z.strictObject(projectFields);
const member: z.ZodType<Member> = z.strictObject({
  user_id: uuid,
  role,
  created_at: instant,
});
const keyFields = {
  key_id: uuid,
  prefix: z.string(),
  name: z.string(),
  scopes,
  created_at: instant,
  last_used_at: instant.nullable(),
  expires_at: instant.nullable(),
};
const apiKey: z.ZodType<ApiKey> = z.strictObject(keyFields);

const errorEstimate: z.ZodType<ErrorEstimate> = z.strictObject({
  n: size,
  mean: z.number().min(0),
  low: z.number().min(0),
  high: z.number().min(0),
});
const summary: z.ZodType<RunSummary> = z.looseObject({
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
const run: z.ZodType<RunOverview> = z.strictObject({
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
const dataset: z.ZodType<Dataset> = z.strictObject({
  dataset_id: uuid,
  project_id: uuid,
  project: z.string(),
  name: z.string(),
  n_runs: size,
  n_samples: size.nullable(),
  last_run_at: instant.nullable(),
  created_at: instant,
});
const runReceipt: z.ZodType<RunReceipt> = z.strictObject({
  run_id: uuid,
  project_id: uuid,
  dataset_id: uuid,
  attempt: z.int().min(1),
  state: runState,
});
const partReceipt: z.ZodType<PartReceipt> = z.strictObject({
  part_id: uuid,
  run_id: uuid,
  size_bytes: size,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const partUpload: z.ZodType<PartUpload> = z.strictObject({
  part_id: uuid,
  run_id: uuid,
  bucket: z.string(),
  path: z.string(),
  upload_url: z.string().meta({ format: "uri" }),
  token: z.string(),
  expires_at: instant,
});
const finishReceipt: z.ZodType<FinishReceipt> = z.strictObject({
  run_id: uuid,
  state: runState,
  job_id: uuid.nullable(),
  writers_missing: size,
});
const job: z.ZodType<JobStatus> = z.strictObject({
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
const modelFields = {
  model_id: uuid,
  project_id: uuid,
  name: z.string(),
  input_kind: z.enum(["features", "image", "text"]),
  input_name: z.string().nullable(),
  preprocessing: z.strictObject({
    width: z.int().min(1),
    height: z.int().min(1),
    layout: z.enum(["nchw", "nhwc"]),
    value_range: z.number(),
    mean: z.array(z.number()),
    std: z.array(z.number()),
    fit: z.enum(["fill", "cover"]),
  }).nullable(),
  outputs: z.strictObject({
    logits: z.string().nullable(),
    probs: z.string().nullable(),
    embedding: z.string().nullable(),
  }),
  state: z.enum(["pending", "ready"]),
  size_bytes: size.nullable(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/).nullable(),
  created_by: uuid.nullable(),
  created_at: instant,
};
const model: z.ZodType<StoredModel> = z.strictObject({
  ...modelFields,
  class_names: z.array(z.string()),
});
const listedModel: z.ZodType<ListedModel> = z.strictObject({
  ...modelFields,
  n_classes: size,
});
const modelUpload: z.ZodType<ModelUpload> = z.strictObject({
  model_id: uuid,
  bucket: z.string(),
  path: z.string(),
  upload_url: z.string().meta({ format: "uri" }),
  token: z.string(),
  expires_at: instant,
});
const newJobs: z.ZodType<NewJobs> = z.strictObject({
  job_id: uuid,
  jobs: z.array(z.strictObject({ job_id: uuid, run_id: uuid.nullable() })),
});

const rankedFields = {
  rank: z.int().min(1),
  sample_id: z.string(),
  split,
  text_preview: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
  given_label: z.string().nullable(),
  predicted_label: z.string().nullable(),
  suggested_label: z.string().nullable(),
  issue_type: z.enum([...ISSUE_TYPES, "clean"]),
  issue_types: z.array(issueType),
  reason: z.string(),
  mislabeled_score: share.nullable(),
  mislabeled_probability: share.nullable(),
  data_error_potential: share.nullable(),
  outlier_score: share.nullable(),
  hardness: share.nullable(),
  verdict: verdictKind.nullable(),
  verdict_label: z.string().nullable(),
};
const rankedSample: z.ZodType<RankedSample> = z.strictObject(rankedFields);
const neighbour: z.ZodType<Neighbour> = z.strictObject({
  sample_id: z.string(),
  split,
  text_preview: z.string().nullable(),
  given_label: z.string().nullable(),
  similarity: z.number(),
});
const dynamics: z.ZodType<SampleDynamics> = z.strictObject({
  aum: z.number().nullable(),
  confidence: z.number().nullable(),
  variability: z.number().nullable(),
  forgetting_events: size.nullable(),
  first_learned_epoch: size.nullable(),
});
const sample: z.ZodType<SampleDetail> = z.strictObject({
  ...rankedFields,
  text: z.string().nullable(),
  neighbours: z.array(neighbour),
  details: z.partialRecord(issueType, z.unknown()),
  dynamics,
});
const classReport: z.ZodType<ClassReportRow> = z.strictObject({
  split,
  label: z.string(),
  n_given: size,
  n_predicted: size,
  n_mislabeled: size,
  precision: share.nullable(),
  recall: share.nullable(),
  f1: share.nullable(),
  mean_data_error_potential: share.nullable(),
});
const confusion: z.ZodType<LabelConfusion> = z.strictObject({
  split,
  given_label: z.string(),
  suggested_label: z.string(),
  n_flagged: size,
  share_of_given: share,
});
const problem: z.ZodType<RowProblem> = z.strictObject({
  part_id: uuid,
  row: size.nullable(),
  column: z.string().nullable(),
  message: z.string(),
  n_rows: size,
});
const verdict: z.ZodType<VerdictRecord> = z.strictObject({
  verdict_id: uuid,
  dataset_id: uuid,
  sample_id: z.string(),
  verdict: verdictKind,
  label: z.string().nullable(),
  comment: z.string().nullable(),
  reviewer_id: uuid.nullable(),
  created_at: instant,
});
const thresholds: z.ZodType<Thresholds> = z.partialRecord(
  issueType,
  z.record(z.string(), z.number()),
);
const thresholdRange: z.ZodType<ThresholdRange> = z.strictObject({
  default: z.number(),
  min: z.number(),
  max: z.number(),
  is_integer: z.boolean(),
  says: z.string(),
});
const revision: z.ZodType<RevisionOverview> = z.strictObject({
  revision_id: uuid,
  run_id: uuid,
  number: z.int().min(1),
  parent_id: uuid.nullable(),
  job_id: uuid,
  job_kind: jobKind,
  thresholds,
  n_verdicts: size.nullable(),
  model_id: uuid.nullable(),
  summary,
  n_samples: size,
  published_at: instant,
  is_current: z.boolean(),
});
const change: z.ZodType<SampleChange> = z.strictObject({
  sample_id: z.string(),
  split,
  text_preview: z.string().nullable(),
  given_label: z.string().nullable(),
  rank_before: z.int().min(1),
  rank_after: z.int().min(1),
  issue_types_before: z.array(issueType),
  issue_types_after: z.array(issueType),
  suggested_label_before: z.string().nullable(),
  suggested_label_after: z.string().nullable(),
  mislabeled_score_before: share.nullable(),
  mislabeled_score_after: share.nullable(),
  mislabeled_probability_before: share.nullable(),
  mislabeled_probability_after: share.nullable(),
  reason: z.string(),
});
const changeCounts: z.ZodType<ChangeCounts> = z.strictObject({
  n_compared: size,
  newly_flagged: size,
  no_longer_flagged: size,
  issue_types: size,
  suggestion: size,
  probability: size,
  rank: size,
  by_issue_type: z.partialRecord(
    issueType,
    z.strictObject({ added: size, removed: size }),
  ),
});
const difference: z.ZodType<RevisionDifference> = z.strictObject({
  from_revision_id: uuid,
  to_revision_id: uuid,
  counts: changeCounts.nullable(),
  rows: z.array(change),
  next_cursor: z.string().nullable(),
});

const interval: z.ZodType<Interval> = z.strictObject({
  mean: z.number().min(0),
  low: z.number().min(0),
  high: z.number().min(0),
});
const auditAnswer: z.ZodType<AuditAnswer> = z.strictObject({
  n_labels: size,
  n_errors: interval,
  rate: interval,
  n_confirmed: size,
});
const auditFields = {
  audit_id: uuid,
  run_id: uuid,
  revision_id: uuid,
  n_samples: size,
  n_judged: size,
  n_left_out: size,
  n_remaining: size,
  n_needed: size,
  created_at: instant,
};
const auditProgress: z.ZodType<AuditProgress> = z.strictObject(auditFields);
const auditSample: z.ZodType<AuditSample> = z.strictObject({
  position: size,
  sample_id: z.string(),
  split,
  text_preview: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
  given_label: z.string(),
  verdict: verdictKind.nullable(),
  verdict_label: z.string().nullable(),
});

const page = <T>(row: z.ZodType<T>): z.ZodType<Page<T>> =>
  z.strictObject({ rows: z.array(row), next_cursor: z.string().nullable() });
const list = (row: z.ZodType) => z.strictObject({ rows: z.array(row) });

/** Name of an answer's schema. */
export type AnswerName =
  | "Error"
  | "Health"
  | "Document"
  | "Me"
  | "Project"
  | "Projects"
  | "Member"
  | "Members"
  | "ApiKeys"
  | "NewApiKey"
  | "RunReceipt"
  | "PartReceipt"
  | "PartUpload"
  | "FinishReceipt"
  | "Dataset"
  | "Datasets"
  | "Run"
  | "Runs"
  | "RankedSamples"
  | "Sample"
  | "ClassReports"
  | "LabelConfusions"
  | "RunReport"
  | "RowProblems"
  | "Verdicts"
  | "StoredVerdicts"
  | "Audit"
  | "Audits"
  | "AuditSamples"
  | "Job"
  | "Jobs"
  | "Model"
  | "Models"
  | "ModelUpload"
  | "NewJob"
  | "NewJobs"
  | "Revision"
  | "Revisions"
  | "RevisionDifference"
  | "Thresholds";

const ANSWERS: Readonly<Record<AnswerName, z.ZodType>> = {
  Error: error,
  Health: z.strictObject({ status: z.enum(["ok", "ready"]) }),
  Document: z.looseObject({ openapi: z.string() }),
  Me: z.strictObject({
    kind: z.enum(["person", "key"]),
    user_id: uuid.nullable(),
    key_id: uuid.nullable(),
    projects: z.array(project),
  }),
  Project: project,
  Projects: page(project),
  Member: member,
  Members: page(member),
  ApiKeys: page(apiKey),
  NewApiKey: z.strictObject({ ...keyFields, token: z.string() }),
  RunReceipt: runReceipt,
  PartReceipt: partReceipt,
  PartUpload: partUpload,
  FinishReceipt: finishReceipt,
  Dataset: dataset,
  Datasets: page(dataset),
  Run: run,
  Runs: page(run),
  RankedSamples: page(rankedSample),
  Sample: sample,
  ClassReports: list(classReport),
  LabelConfusions: list(confusion),
  RunReport: runReport,
  RowProblems: page(problem),
  Verdicts: page(verdict),
  Audit: z.strictObject({ ...auditFields, answer: auditAnswer.nullable() }),
  Audits: page(auditProgress),
  AuditSamples: page(auditSample),
  StoredVerdicts: z.strictObject({ stored: z.int().min(1) }),
  Job: job,
  Jobs: page(job),
  Model: model,
  Models: page(listedModel),
  ModelUpload: modelUpload,
  NewJob: z.strictObject({ job_id: uuid }),
  NewJobs: newJobs,
  Revision: revision,
  Revisions: page(revision),
  RevisionDifference: difference,
  Thresholds: z.partialRecord(
    issueType,
    z.record(z.string(), thresholdRange),
  ),
};

/**
 * Schemas of all answers, made anew at each call.
 *
 * @returns JSON Schemas by name.
 */
export function answerSchemas(): Record<AnswerName, JsonSchema> {
  return Object.fromEntries(
    Object.entries(ANSWERS).map(([name, schema]) => [
      name,
      jsonSchemaOf(schema),
    ]),
  ) as Record<AnswerName, JsonSchema>;
}
