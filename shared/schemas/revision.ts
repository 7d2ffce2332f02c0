import { z } from "zod";
import type { JsonSchema } from "../types/json_schema.ts";
import type { ChangeKind } from "../types/revision.ts";
import { jsonSchemaOf } from "./_json_schema.ts";
import { id, pageFields, parseWith, revision } from "./_parse.ts";
import type { PageQuery } from "./page.ts";

const revisionQuery = z.strictObject({ revision });
const revisionPageQuery = z.strictObject({ ...pageFields, revision });
const differenceQuery = z.strictObject({
  ...pageFields,
  from: id.nullable().default(null),
  change: z.enum([
    "any",
    "newly_flagged",
    "no_longer_flagged",
    "issue_types",
    "suggestion",
    "probability",
    "rank",
  ]).default("any"),
});

/** Which differences between two revisions are asked for. */
export interface DifferenceQuery extends PageQuery {
  /** The revision before; null: the one it was made from, else the one published before. */
  readonly from: string | null;
  /** What must differ. */
  readonly change: ChangeKind;
}

/**
 * Parses the query string of what a run's revision says as a whole.
 *
 * @param query The query string's parameters.
 * @returns The revision that is asked for; null: the published one.
 * @throws {AppError} `validation_failed` if a parameter is unknown or wrong.
 */
export function parseRevisionQuery(
  query: Readonly<Record<string, string>>,
): string | null {
  return parseWith(revisionQuery, query, "query").revision;
}

/**
 * Parses the query string of a list that belongs to a revision.
 *
 * @param query The query string's parameters.
 * @returns The page that is asked for, and the revision; null: the published one.
 * @throws {AppError} `validation_failed` if a parameter is unknown or wrong.
 */
export function parseRevisionPageQuery(
  query: Readonly<Record<string, string>>,
): PageQuery & { readonly revision: string | null } {
  return parseWith(revisionPageQuery, query, "query");
}

/**
 * Parses the query string of `GET /runs/{run_id}/revisions/{revision_id}/difference`.
 *
 * @param query The query string's parameters.
 * @returns What is asked for.
 * @throws {AppError} `validation_failed` if a parameter is unknown or wrong.
 */
export function parseDifferenceQuery(
  query: Readonly<Record<string, string>>,
): DifferenceQuery {
  return parseWith(differenceQuery, query, "query");
}

/**
 * Query of what a run's revision says as a whole, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function revisionQuerySchema(): JsonSchema {
  return jsonSchemaOf(revisionQuery);
}

/**
 * Query of a list that belongs to a revision, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function revisionPageQuerySchema(): JsonSchema {
  return jsonSchemaOf(revisionPageQuery);
}

/**
 * Query of the difference between two revisions, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function differenceQuerySchema(): JsonSchema {
  return jsonSchemaOf(differenceQuery);
}
