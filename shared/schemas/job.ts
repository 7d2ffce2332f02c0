import { z } from "zod";
import type { JsonSchema } from "../types/json_schema.ts";
import { jsonSchemaOf } from "./_json_schema.ts";
import type { JobRequest, JobState } from "../types/job.ts";
import { type ThresholdRange, THRESHOLDS } from "../types/threshold.ts";
import { id, pageFields, parseWith, text } from "./_parse.ts";
import type { PageQuery } from "./page.ts";

/** A job each: more are asked for with a filter, or one request after the other. */
const MOST_RUNS = 100;

const settings = z.strictObject(
  Object.fromEntries(
    Object.entries(THRESHOLDS).map(([issueType, ranges]) => [
      issueType,
      z.strictObject(
        Object.fromEntries(
          Object.entries(ranges).map(([name, range]) => [
            name,
            threshold(range).optional(),
          ]),
        ),
        onlyOf("threshold", Object.keys(ranges)),
      ).optional(),
    ]),
  ),
  onlyOf("issue type with thresholds", Object.keys(THRESHOLDS)),
);

const runFilter = z.strictObject({
  project_id: id,
  dataset_id: id.nullable().default(null),
  name_contains: text(1, 200).nullable().default(null),
  incomplete: z.boolean().nullable().default(null),
});

const rescoreRequest = z.strictObject({
  job_kind: z.literal("rescore_run"),
  run_id: id.optional(),
  run_ids: z.array(id).min(1).max(MOST_RUNS).optional(),
  filter: runFilter.optional(),
  settings: settings.nullable().default(null),
  apply_verdicts: z.boolean().default(true),
  model_id: id.nullable().optional().meta({
    description:
      "Stored model to run over the samples again; needs the scope admin. Left out: the outputs of the last scoring are kept, a model's among them, and nothing is run. Null: back to what was logged",
  }),
  prediction_kind: z.enum(["in_sample", "out_of_sample"]).optional(),
}).refine(
  ({ model_id, prediction_kind }) =>
    prediction_kind === undefined || typeof model_id === "string",
  { path: ["prediction_kind"], message: "is said of a model: name model_id" },
).refine(
  ({ run_id, run_ids, filter }) =>
    [run_id, run_ids, filter].filter((named) => named !== undefined).length ===
      1,
  "name the runs by one of run_id, run_ids and filter",
).transform(({ run_id, run_ids, filter, ...rest }) => ({
  ...rest,
  run_ids: run_id ? [run_id] : run_ids ? [...new Set(run_ids)] : null,
  filter: filter ?? null,
}));

const jobRequest = z.discriminatedUnion("job_kind", [
  rescoreRequest,
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
  return parseWith(jobRequest, value, "job request") as JobRequest;
}

const idempotencyKey = text(1, 200).nullable();

/**
 * Parses the header `Idempotency-Key` of `POST /jobs`, which may be left out.
 *
 * @param headers The request's headers.
 * @returns The key; null: there is none.
 * @throws {AppError} `validation_failed` if it is empty or too long.
 */
export function parseIdempotencyKey(headers: Headers): string | null {
  const given = headers.get("idempotency-key");
  return parseWith(idempotencyKey, given, "header Idempotency-Key");
}

function threshold({ min, max, is_integer: isInteger }: ThresholdRange) {
  const rule = `must be a ${
    isInteger ? "whole number" : "number"
  } from ${min} to ${max}`;
  return (isInteger ? z.int(rule) : z.number(rule)).min(min, rule).max(
    max,
    rule,
  );
}

/** Says what there is where something else was named. */
function onlyOf(what: string, names: readonly string[]) {
  return {
    error: (issue: { code: string; keys?: readonly string[] }) =>
      issue.code === "unrecognized_keys"
        ? `there is no ${what} "${issue.keys![0]}", only ${names.join(", ")}`
        : undefined,
  };
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
