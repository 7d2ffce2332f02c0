/**
 * What the edge answers of revisions and thresholds.
 *
 * @module
 */
import { z } from "zod";
import type {
  ChangeCounts,
  RevisionDifference,
  RevisionOverview,
  SampleChange,
} from "../types/revision.ts";
import type { ThresholdRange, Thresholds } from "../types/threshold.ts";
import {
  instant,
  issueType,
  jobKind,
  share,
  size,
  uuid,
} from "./_answer_fields.ts";
import { split } from "./_parse.ts";
import { summary } from "./_run_answers.ts";

const thresholds: z.ZodType<Thresholds> = z.partialRecord(
  issueType,
  z.record(z.string(), z.number()),
);
export const thresholdRange: z.ZodType<ThresholdRange> = z.strictObject({
  default: z.number(),
  min: z.number(),
  max: z.number(),
  is_integer: z.boolean(),
  says: z.string(),
});
export const revision: z.ZodType<RevisionOverview> = z.strictObject({
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
export const difference: z.ZodType<RevisionDifference> = z.strictObject({
  from_revision_id: uuid,
  to_revision_id: uuid,
  counts: changeCounts.nullable(),
  rows: z.array(change),
  next_cursor: z.string().nullable(),
});
