import { z } from "zod";
import type { AuditRequest } from "../types/audit.ts";
import type { JsonSchema } from "../types/json_schema.ts";
import { jsonSchemaOf } from "./_json_schema.ts";
import { pageFields, parseWith } from "./_parse.ts";
import type { PageQuery } from "./page.ts";

/** Which samples of an audit are asked for. */
export interface AuditSampleQuery extends PageQuery {
  /** Those that nobody judged yet, or all. */
  readonly state: "remaining" | "all";
}

const auditRequest = z.strictObject({
  n_samples: z.int().min(10, "must be 10 or more: fewer give no number")
    .max(2_000).default(100),
  seed: z.int().min(0).max(2_147_483_647).default(0),
});
const auditSampleQuery = z.strictObject({
  ...pageFields,
  state: z.enum(["remaining", "all"]).default("remaining"),
});

/**
 * Parses the body of `POST /runs/{run_id}/audits`.
 *
 * @param value Decoded JSON.
 * @returns The request.
 * @throws {AppError} `validation_failed` if `value` does not match.
 */
export function parseAuditRequest(value: unknown): AuditRequest {
  return parseWith(auditRequest, value, "audit");
}

/**
 * Body of `POST /runs/{run_id}/audits`, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function auditRequestSchema(): JsonSchema {
  return jsonSchemaOf(auditRequest);
}

/**
 * Parses the query string of an audit's samples.
 *
 * @param query The query string's parameters.
 * @returns Which samples, and which page of them.
 * @throws {AppError} `validation_failed` if a parameter is unknown or wrong.
 */
export function parseAuditSampleQuery(
  query: Readonly<Record<string, string>>,
): AuditSampleQuery {
  return parseWith(auditSampleQuery, query, "query");
}

/**
 * Query of an audit's samples, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function auditSampleQuerySchema(): JsonSchema {
  return jsonSchemaOf(auditSampleQuery);
}
