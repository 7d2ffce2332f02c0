import {
  auditRequestSchema,
  auditSampleQuerySchema,
} from "../schemas/audit.ts";
import { datasetQuerySchema } from "../schemas/dataset.ts";
import { pageQuerySchema } from "../schemas/page.ts";
import {
  differenceQuerySchema,
  revisionPageQuerySchema,
  revisionQuerySchema,
} from "../schemas/revision.ts";
import { runQuerySchema } from "../schemas/run.ts";
import { sampleQuerySchema } from "../schemas/sample_query.ts";
import { verdictsRequestSchema } from "../schemas/verdict.ts";
import type { Operation } from "./operation.ts";

/**
 * Routes about datasets, runs and what was found.
 *
 * @returns Operations by route, as {@linkcode ROUTES} names them.
 */
export function runOperations(): Record<string, Operation> {
  const one = "/api/v1/runs/:run_id";
  return {
    "GET /api/v1/datasets": {
      summary: "List datasets",
      query: datasetQuerySchema(),
      answers: { 200: { says: "Newest first.", schema: "Datasets" } },
    },
    "GET /api/v1/datasets/:dataset_id": {
      summary: "Read a dataset",
      answers: { 200: { says: "The dataset.", schema: "Dataset" } },
    },
    "DELETE /api/v1/datasets/:dataset_id": {
      summary: "Delete a dataset with its runs",
      answers: { 202: { says: "Gone; a job removes it.", schema: "NewJob" } },
    },
    "GET /api/v1/runs": {
      summary: "List runs",
      query: runQuerySchema(),
      answers: { 200: { says: "Newest first.", schema: "Runs" } },
    },
    [`GET ${one}`]: {
      summary: "Read a run",
      answers: { 200: { says: "The run.", schema: "Run" } },
    },
    [`DELETE ${one}`]: {
      summary: "Delete a run",
      answers: { 202: { says: "Gone; a job removes it.", schema: "NewJob" } },
    },
    [`GET ${one}/samples`]: {
      summary: "List samples, the worst first",
      description:
        "Either one value a parameter, or a whole filter as JSON in `filter`.",
      query: sampleQuerySchema(),
      answers: { 200: { says: "By rank.", schema: "RankedSamples" } },
      errors: ["conflict"],
    },
    [`GET ${one}/samples/:split/:sample_id`]: {
      summary: "Read a sample",
      query: revisionQuerySchema(),
      answers: {
        200: {
          says: "The sample with its whole text and its neighbours.",
          schema: "Sample",
        },
      },
      errors: ["conflict"],
    },
    [`GET ${one}/classes`]: {
      summary: "Quality of each class",
      query: revisionQuerySchema(),
      answers: { 200: { says: "In logit order.", schema: "ClassReports" } },
      errors: ["conflict"],
    },
    [`GET ${one}/confusions`]: {
      summary: "Which labels are taken for which",
      query: revisionQuerySchema(),
      answers: {
        200: { says: "Most flagged first.", schema: "LabelConfusions" },
      },
      errors: ["conflict"],
    },
    [`GET ${one}/report`]: {
      summary: "The run as a whole",
      description:
        "Confusion matrix, calibration and hidden labels of each split, and which classes the representation tells apart.",
      query: revisionQuerySchema(),
      answers: {
        200: {
          says: "Of the published revision, or the one that is named.",
          schema: "RunReport",
        },
      },
      errors: ["conflict"],
    },
    [`GET ${one}/problems`]: {
      summary: "Rows that could not be used",
      query: revisionPageQuerySchema(),
      answers: {
        200: {
          says: "One for each part, column and rule.",
          schema: "RowProblems",
        },
      },
      errors: ["conflict"],
    },
    [`GET ${one}/columns`]: {
      summary: "All samples as columns",
      query: revisionQuerySchema(),
      headers: {
        "If-None-Match": {
          says: "ETag of columns that the caller has.",
          example: '"0b0c7c4e-57b5-4f0c-9a5e-3a3c0f7d1c11"',
          isRequired: false,
          schema: { type: "string" },
        },
      },
      answers: {
        200: {
          says: "An Arrow IPC stream.",
          mediaType: "application/vnd.apache.arrow.stream",
        },
        304: { says: "The caller has them." },
      },
      errors: ["conflict"],
    },
    [`GET ${one}/revisions`]: {
      summary: "List what was found, each time that a run was scored",
      query: pageQuerySchema(),
      answers: { 200: { says: "Newest first.", schema: "Revisions" } },
    },
    [`GET ${one}/revisions/:revision_id`]: {
      summary: "Read a revision",
      answers: { 200: { says: "The revision.", schema: "Revision" } },
    },
    [`GET ${one}/revisions/:revision_id/difference`]: {
      summary: "Compare a revision with an earlier one",
      description:
        "With `from`, else with the one that it was made from, else with the one before.",
      query: differenceQuerySchema(),
      answers: {
        200: {
          says: "Counts, and the samples that changed, by their later rank.",
          schema: "RevisionDifference",
        },
      },
      errors: ["conflict"],
    },
    [`GET ${one}/verdicts`]: {
      summary: "What people said about a run's samples",
      query: pageQuerySchema(),
      answers: { 200: { says: "Newest first.", schema: "Verdicts" } },
    },
    [`PUT ${one}/verdicts`]: {
      summary: "Say something about samples",
      description:
        "Each with an id that the caller makes, so that a retry changes nothing. All are stored, or none.",
      body: {
        schema: verdictsRequestSchema(),
        example: {
          verdicts: [{
            verdict_id: "0b0c7c4e-57b5-4f0c-9a5e-3a3c0f7d1c11",
            sample_id: "mail-7",
            split: "training",
            verdict: "relabel",
            label: "spam",
          }],
        },
      },
      answers: {
        200: { says: "How many were stored.", schema: "StoredVerdicts" },
      },
      errors: ["conflict", "idempotency_conflict"],
    },
    [`GET ${one}/audits`]: {
      summary: "List audits",
      query: pageQuerySchema(),
      answers: { 200: { says: "Newest first.", schema: "Audits" } },
    },
    [`POST ${one}/audits`]: {
      summary: "Draw samples to judge",
      description:
        "Verdicts on them say how many labels are wrong in all, with a 90 % interval, once 30 are judged (all of them where fewer were drawn, and 10 at least). Asked again in the same way, it is the same audit.",
      body: {
        schema: auditRequestSchema(),
        example: { n_samples: 100 },
        isOptional: true,
      },
      answers: { 201: { says: "The audit.", schema: "Audit" } },
      errors: ["conflict"],
    },
    [`GET ${one}/audits/:audit_id`]: {
      summary: "Read an audit",
      answers: {
        200: {
          says: "How far it has come, and what it says so far.",
          schema: "Audit",
        },
      },
    },
    [`GET ${one}/audits/:audit_id/samples`]: {
      summary: "List samples of an audit",
      description:
        "In an order that says nothing of them, without what we think of them.",
      query: auditSampleQuerySchema(),
      answers: {
        200: { says: "Those still to be judged.", schema: "AuditSamples" },
      },
    },
  };
}
