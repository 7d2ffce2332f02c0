import { z } from "zod";
import type { JsonSchema } from "../types/json_schema.ts";
import { jsonSchemaOf } from "./_json_schema.ts";
import type { JobRequest, JobState } from "../types/job.ts";
import { id, pageFields, parseWith } from "./_parse.ts";
import type { PageQuery } from "./page.ts";

const jobRequest = z.discriminatedUnion("job_kind", [
  z.strictObject({ job_kind: z.literal("score_run"), run_id: id }),
  z.strictObject({
    job_kind: z.literal("export_project"),
    project_id: id,
    include_parts: z.boolean().default(false),
  }),
]);

/**
 * Parses the body of `POST /jobs`.
 *
 * @param value Decoded JSON.
 * @returns The request.
 * @throws {AppError} `validation_failed` if `value` does not match.
 */
export function parseJobRequest(value: unknown): JobRequest {
  return parseWith(jobRequest, value, "job request");
}

/** Which jobs are asked for. */
export interface JobQuery extends PageQuery {
  /** Only about this run; null: about any. */
  readonly runId: string | null;
  /** Only in this state; null: in any. */
  readonly state: JobState | null;
}

const jobQuery = z.strictObject({
  ...pageFields,
  run_id: id.nullable().default(null),
  state: z.enum(["queued", "running", "succeeded", "failed", "cancelled"])
    .nullable().default(null),
}).transform(({ run_id: runId, ...rest }) => ({ ...rest, runId }));

/**
 * Parses the query string of `GET /jobs`.
 *
 * @param query The query string's parameters.
 * @returns What is asked for.
 * @throws {AppError} `validation_failed` if a parameter is unknown or wrong.
 */
export function parseJobQuery(
  query: Readonly<Record<string, string>>,
): JobQuery {
  return parseWith(jobQuery, query, "query");
}

/**
 * Body of `POST /jobs`, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function jobRequestSchema(): JsonSchema {
  return jsonSchemaOf(jobRequest);
}

/**
 * Query of `GET /jobs`, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function jobQuerySchema(): JsonSchema {
  return jsonSchemaOf(jobQuery);
}
