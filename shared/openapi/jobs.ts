import { jobQuerySchema, jobRequestSchema } from "../schemas/job.ts";
import type { Operation } from "./operation.ts";

/**
 * Routes about jobs.
 *
 * @returns Operations by route, as {@linkcode ROUTES} names them.
 */
export function jobOperations(): Record<string, Operation> {
  return {
    "GET /api/v1/thresholds": {
      summary: "List thresholds",
      description: "What a run may be scored by: `settings` of a rescoring.",
      answers: {
        200: { says: "By issue type and name.", schema: "Thresholds" },
      },
    },
    "GET /api/v1/jobs": {
      summary: "List jobs",
      query: jobQuerySchema(),
      answers: { 200: { says: "Newest first.", schema: "Jobs" } },
    },
    "POST /api/v1/jobs": {
      summary: "Ask for work",
      description:
        "A rescoring names its runs by one of `run_id`, `run_ids` (all of them or none) and `filter`, and is a job for each. Settings left out are those that the run is published with; `{}` are the defaults. With `model_id` left out the outputs of the last scoring are kept, those of a stored model among them, and nothing is run; null goes back to what was logged.",
      headers: {
        "Idempotency-Key": {
          says:
            "Names a rescoring: the same key and request get the same jobs, another request 409.",
          example: "nightly-7",
          isRequired: false,
          schema: {
            type: "string",
            minLength: 1,
            maxLength: 200,
            pattern: "^[!-~]([ -~]*[!-~])?$",
          },
        },
      },
      body: {
        schema: jobRequestSchema(),
        example: {
          job_kind: "rescore_run",
          run_id: "0b0c7c4e-57b5-4f0c-9a5e-3a3c0f7d1c11",
          settings: { mislabeled: { min_probability: 0.3 } },
        },
      },
      answers: {
        202: {
          says: "The jobs, each the open one where it was asked for before.",
          schema: "NewJobs",
        },
      },
      errors: ["conflict", "idempotency_conflict"],
    },
    "GET /api/v1/jobs/:job_id": {
      summary: "Read a job",
      answers: { 200: { says: "Where it stands.", schema: "Job" } },
    },
    "DELETE /api/v1/jobs/:job_id": {
      summary: "Cancel a job",
      answers: {
        200: { says: "As it is now; cancelled if it was open.", schema: "Job" },
      },
      errors: ["conflict"],
    },
    "GET /api/v1/jobs/:job_id/export": {
      summary: "Download an export",
      answers: {
        200: {
          says: "The file that a job `export_project` wrote.",
          mediaType: "application/gzip",
        },
      },
      errors: ["conflict", "upstream_unavailable"],
    },
  };
}
