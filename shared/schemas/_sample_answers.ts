// deno-lint-ignore-file camelcase
/**
 * What the edge answers of scored samples, their reports and verdicts.
 *
 * @module
 */
import { z } from "zod";
import { ISSUE_TYPES } from "../types/issue.ts";
import type {
  ClassReportRow,
  LabelConfusion,
  RankedSample,
  RowProblem,
} from "../types/result.ts";
import type {
  Neighbour,
  SampleDetail,
  SampleDynamics,
} from "../types/sample.ts";
import type { VerdictRecord } from "../types/verdict.ts";
import {
  instant,
  issueType,
  share,
  size,
  uuid,
  verdictKind,
} from "./_answer_fields.ts";
import { split } from "./_parse.ts";

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
export const rankedSample: z.ZodType<RankedSample> = z.strictObject(
  rankedFields,
);
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
export const sample: z.ZodType<SampleDetail> = z.strictObject({
  ...rankedFields,
  text: z.string().nullable(),
  neighbours: z.array(neighbour),
  details: z.partialRecord(issueType, z.unknown()),
  dynamics,
});
export const classReport: z.ZodType<ClassReportRow> = z.strictObject({
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
export const confusion: z.ZodType<LabelConfusion> = z.strictObject({
  split,
  given_label: z.string(),
  suggested_label: z.string(),
  n_flagged: size,
  share_of_given: share,
});
export const problem: z.ZodType<RowProblem> = z.strictObject({
  part_id: uuid,
  row: size.nullable(),
  column: z.string().nullable(),
  message: z.string(),
  n_rows: size,
});
export const verdict: z.ZodType<VerdictRecord> = z.strictObject({
  verdict_id: uuid,
  dataset_id: uuid,
  sample_id: z.string(),
  verdict: verdictKind,
  label: z.string().nullable(),
  comment: z.string().nullable(),
  reviewer_id: uuid.nullable(),
  created_at: instant,
});
