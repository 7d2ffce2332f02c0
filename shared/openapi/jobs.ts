import { jobQuerySchema, jobRequestSchema } from "../schemas/job.ts";
import type { Operation } from "./operation.ts";

/**
 * Routes about jobs.
 *
 * @returns Operations by route, as {@linkcode ROUTES} names them.
 */
export function jobOperations(): Record<string, Operation> {
  return {
    "GET /api/v1/jobs": {
      summary: "List jobs",
      query: jobQuerySchema(),
      answers: { 200: { says: "Newest first.", schema: "Jobs" } },
    },
    "POST /api/v1/jobs": {
      summary: "Ask for work",
      body: {
        schema: jobRequestSchema(),
        example: {
          job_kind: "score_run",
          run_id: "0b0c7c4e-57b5-4f0c-9a5e-3a3c0f7d1c11",
        },
      },
      answers: {
        202: {
          says: "The job, or the open one of its kind.",
          schema: "NewJob",
        },
      },
      errors: ["conflict"],
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
