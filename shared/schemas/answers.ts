/**
 * What the edge answers, as JSON Schema. The types say the same by hand, and the compiler compares; that routes keep to it is tested with
 * every answer that a test of a route gets.
 *
 * @module
 */
import { z } from "zod";
import type { JsonSchema } from "../types/json_schema.ts";
import { ERRORS } from "../errors.ts";
import type { ErrorBody, Page } from "../types/page.ts";
import { issueType, uuid } from "./_answer_fields.ts";
import {
  auditAnswer,
  auditFields,
  auditProgress,
  auditSample,
} from "./_audit_answers.ts";
import { jsonSchemaOf } from "./_json_schema.ts";
import { listedModel, model, modelUpload } from "./_model_answers.ts";
import { apiKey, keyFields, member, project } from "./_project_answers.ts";
import { runReport } from "./_report.ts";
import { difference, revision, thresholdRange } from "./_revision_answers.ts";
import {
  dataset,
  finishReceipt,
  job,
  newJobs,
  partReceipt,
  partUpload,
  run,
  runReceipt,
} from "./_run_answers.ts";
import {
  classReport,
  confusion,
  problem,
  rankedSample,
  sample,
  verdict,
} from "./_sample_answers.ts";

const error: z.ZodType<ErrorBody> = z.strictObject({
  error: z.strictObject({
    code: z.enum(Object.keys(ERRORS)),
    message: z.string(),
    details: z.record(z.string(), z.unknown()).exactOptional(),
    request_id: z.string(),
  }),
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
