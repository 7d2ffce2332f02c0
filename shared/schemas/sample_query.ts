// deno-lint-ignore-file camelcase
import { z } from "zod";
import type { JsonSchema } from "../types/json_schema.ts";
import { jsonSchemaOf } from "./_json_schema.ts";
import { AppError } from "../errors.ts";
import { ISSUE_TYPES } from "../types/issue.ts";
import type { SampleFilter } from "../types/filter.ts";
import { pageFields, parseWith, revision, split, text } from "./_parse.ts";
import { parseSampleFilterText } from "./filter.ts";
import type { PageQuery } from "./page.ts";

/** Which rows of the ranked list are asked for. */
export interface SampleQuery extends PageQuery {
  /** Conditions. */
  readonly filter: SampleFilter;
  /** `rank`: worst first; `hardness`: hardest first. */
  readonly sort: "rank" | "hardness";
  /** Of this revision; null: the published one. */
  readonly revision: string | null;
}

/** A server takes 64 kB of an address, and one character can take three in it. */
const MOST_FILTER_LENGTH = 20_000;

const score = z.string().regex(
  /^[0-9.eE+-]{1,30}$/,
  "must be a number from 0 to 1",
).transform(Number).pipe(z.number().min(0).max(1));
const label = text(1, 500);

const fields = {
  split,
  issue_type: z.enum([...ISSUE_TYPES, "clean"]),
  label,
  predicted: label,
  suggested: label,
  min_score: score,
  max_score: score,
  verdict: z.enum(["none", "keep", "relabel", "drop", "needs_review"]),
  q: text(1, 1_000),
};

const sampleQuery = z.strictObject({
  ...pageFields,
  ...Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, field.optional()]),
  ) as { [K in keyof typeof fields]: z.ZodOptional<typeof fields[K]> },
  filter: z.string().max(MOST_FILTER_LENGTH).optional(),
  sort: z.enum(["rank", "hardness"]).default("rank"),
  revision,
});

/**
 * Parses the query string of `GET /runs/{run_id}/samples`: one value a parameter, or a whole filter as JSON in `filter`.
 *
 * @param query The query string's parameters.
 * @returns What is asked for.
 * @throws {AppError} `validation_failed` if a parameter is unknown or wrong.
 */
export function parseSampleQuery(
  query: Readonly<Record<string, string>>,
): SampleQuery {
  const { limit, cursor, sort, revision, filter, ...conditions } = parseWith(
    sampleQuery,
    query,
    "query",
  );
  const page = { limit, cursor, sort, revision };
  if (filter === undefined) return { ...page, filter: filterOf(conditions) };
  if (Object.keys(conditions).length > 0) {
    throw new AppError(
      "validation_failed",
      "Cannot parse query: filter stands alone, beside no other condition",
    );
  }
  return { ...page, filter: parseSampleFilterText(filter) };
}

type Conditions = {
  [K in keyof typeof fields]?: z.output<typeof fields[K]> | undefined;
};

function filterOf(conditions: Conditions): SampleFilter {
  const one = <T>(value: T | undefined) =>
    value === undefined ? undefined : [value];
  const { min_score: min, max_score: max } = conditions;
  return {
    splits: one(conditions.split),
    issue_types: one(conditions.issue_type),
    given_labels: one(conditions.label),
    predicted_labels: one(conditions.predicted),
    suggested_labels: one(conditions.suggested),
    scores: min === undefined && max === undefined
      ? undefined
      : { mislabeled_score: { min, max } },
    verdicts: one(conditions.verdict),
    text: conditions.q,
  };
}

/**
 * Query of `GET /runs/{run_id}/samples`, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function sampleQuerySchema(): JsonSchema {
  return jsonSchemaOf(sampleQuery);
}
