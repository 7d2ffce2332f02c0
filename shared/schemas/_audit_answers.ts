// deno-lint-ignore-file camelcase
/**
 * What the edge answers of audits.
 *
 * @module
 */
import { z } from "zod";
import type {
  AuditAnswer,
  AuditProgress,
  AuditSample,
  Interval,
} from "../types/audit.ts";
import { instant, size, uuid, verdictKind } from "./_answer_fields.ts";
import { split } from "./_parse.ts";

const interval: z.ZodType<Interval> = z.strictObject({
  mean: z.number().min(0),
  low: z.number().min(0),
  high: z.number().min(0),
});
export const auditAnswer: z.ZodType<AuditAnswer> = z.strictObject({
  n_labels: size,
  n_errors: interval,
  rate: interval,
  n_confirmed: size,
});
export const auditFields = {
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
export const auditProgress: z.ZodType<AuditProgress> = z.strictObject(
  auditFields,
);
export const auditSample: z.ZodType<AuditSample> = z.strictObject({
  position: size,
  sample_id: z.string(),
  split,
  text_preview: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
  given_label: z.string(),
  verdict: verdictKind.nullable(),
  verdict_label: z.string().nullable(),
});
