import { z } from "zod";
import type { JsonSchema } from "../types/json_schema.ts";
import { jsonSchemaOf } from "./_json_schema.ts";
import { AppError } from "../errors.ts";
import type { SampleFilter } from "../types/filter.ts";
import { SCORE_NAMES } from "../types/filter.ts";
import { ISSUE_TYPES } from "../types/issue.ts";
import { parseWith, split, text } from "./_parse.ts";

const label = text(1, 500).nullable();
const range = z.strictObject({
  min: z.number().optional(),
  max: z.number().optional(),
});
const metadataCondition = z.union([
  z.strictObject({
    in: z.array(z.union([text(0, 10_000), z.number(), z.boolean(), z.null()]))
      .max(1_000),
  }),
  range,
]);

const sampleFilter = z.strictObject({
  ids: z.array(text(1, 1_024)).max(10_000).optional(),
  splits: z.array(split).max(4).optional(),
  given_labels: z.array(label).max(10_000).optional(),
  predicted_labels: z.array(label).max(10_000).optional(),
  suggested_labels: z.array(label).max(10_000).optional(),
  issue_types: z.array(z.enum([...ISSUE_TYPES, "clean"])).max(20).optional(),
  scores: z.partialRecord(z.enum(SCORE_NAMES), range).optional(),
  verdicts: z.array(
    z.enum(["keep", "relabel", "drop", "needs_review", "none"]),
  ).max(10).optional(),
  metadata: z.record(text(1, 200), metadataCondition).refine(
    (columns) => Object.keys(columns).length <= 100,
    "may name at most 100 columns",
  ).optional(),
  text: text(1, 1_000).optional(),
  lasso: z.array(z.tuple([z.number(), z.number()])).min(3).max(10_000)
    .optional(),
  similar_to: z.strictObject({
    split,
    sample_id: text(1, 1_024),
    min_similarity: z.number().min(-1).max(1),
  }).optional(),
});

/**
 * Parses a filter.
 *
 * @param value Decoded JSON.
 * @returns The filter.
 * @throws {AppError} `validation_failed` if `value` does not match.
 */
export function parseSampleFilter(value: unknown): SampleFilter {
  const { metadata } = Object(value) as { metadata?: unknown };
  // The parser would leave it out, and a filter without its condition means more samples.
  if (Object.hasOwn(Object(metadata), "__proto__")) {
    throw new AppError(
      "validation_failed",
      'Cannot parse filter: metadata: a column may not have the name "__proto__"',
    );
  }
  return parseWith(sampleFilter, value, "filter");
}

/**
 * Parses a filter as it stands in a query string.
 *
 * @param value JSON text.
 * @returns The filter.
 * @throws {AppError} `validation_failed` if it is no JSON or does not match.
 */
export function parseSampleFilterText(value: string): SampleFilter {
  let decoded: unknown;
  try {
    decoded = JSON.parse(value);
  } catch {
    throw new AppError(
      "validation_failed",
      "Cannot parse filter: it is no JSON",
    );
  }
  return parseSampleFilter(decoded);
}

/**
 * A filter, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function sampleFilterSchema(): JsonSchema {
  return jsonSchemaOf(sampleFilter);
}
