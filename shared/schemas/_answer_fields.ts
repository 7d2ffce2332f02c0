/**
 * Fields that answers of several kinds share.
 *
 * @module
 */
import { z } from "zod";
import { ISSUE_TYPES } from "../types/issue.ts";
import type { JobKind } from "../types/job.ts";

export const uuid = z.string().meta({ format: "uuid" });
export const instant = z.string().meta({ format: "date-time" });
export const size = z.int().min(0);
export const days = z.int().min(1).nullable();
export const share = z.number().min(0).max(1);
export const issueType = z.enum(ISSUE_TYPES);
export const verdictKind = z.enum([
  "keep",
  "relabel",
  "drop",
  "needs_review",
  "clear",
]);
export const role = z.enum(["viewer", "editor", "owner"]);
export const jobState = z.enum([
  "queued",
  "running",
  "succeeded",
  "failed",
  "cancelled",
]);
export const runState = z.enum(["open", "closed"]);
export const jobKind = z.enum([
  "score_run",
  "rescore_run",
  "export_project",
  "delete_run",
  "delete_dataset",
  "delete_project",
]) as z.ZodType<JobKind>;
