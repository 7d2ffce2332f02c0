import { z } from "zod";
import type { JsonSchema } from "../types/json_schema.ts";
import { jsonSchemaOf } from "./_json_schema.ts";
import type { VerdictRequest } from "../types/verdict.ts";
import { id, parseWith, split, text } from "./_parse.ts";

const verdictsRequest = z.strictObject({
  verdicts: z.array(
    z.strictObject({
      verdict_id: id,
      sample_id: text(1, 1_024),
      split: split.nullable().default(null),
      verdict: z.enum(["keep", "relabel", "drop", "needs_review", "clear"]),
      label: text(1, 500).nullable().default(null),
      comment: text(0, 2_000).nullable().default(null),
    }).refine(
      ({ verdict, label }) => (verdict === "relabel") === (label !== null),
      { path: ["label"], error: "is needed with relabel, and only there" },
    ),
  ).min(1).max(1_000).refine(
    (verdicts) =>
      new Set(verdicts.map((v) => v.verdict_id)).size === verdicts.length,
    "must have different verdict_id",
  ),
});

/**
 * Parses the body of `PUT /runs/{run_id}/verdicts`.
 *
 * @param value Decoded JSON.
 * @returns The verdicts, 1 to 1,000.
 * @throws {AppError} `validation_failed` if `value` does not match.
 */
export function parseVerdictsRequest(
  value: unknown,
): readonly VerdictRequest[] {
  return parseWith(verdictsRequest, value, "verdicts").verdicts;
}

/**
 * Body of `PUT /runs/{run_id}/verdicts`, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function verdictsRequestSchema(): JsonSchema {
  return jsonSchemaOf(verdictsRequest);
}
