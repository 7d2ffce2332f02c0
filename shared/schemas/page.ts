import { z } from "zod";
import type { JsonSchema } from "../types/json_schema.ts";
import { jsonSchemaOf } from "./_json_schema.ts";
import { pageFields, parseWith } from "./_parse.ts";

/** Which page of a list is asked for. */
export interface PageQuery {
  /** Most rows, 1 to 500. */
  readonly limit: number;
  /** Where the page before ended; null: the first page. */
  readonly cursor: string | null;
}

const pageQuery = z.strictObject(pageFields);

/**
 * Parses the query string of a list without filters.
 *
 * @param query The query string's parameters.
 * @returns The page that is asked for.
 * @throws {AppError} `validation_failed` if a parameter is unknown or wrong.
 */
export function parsePageQuery(
  query: Readonly<Record<string, string>>,
): PageQuery {
  return parseWith(pageQuery, query, "query");
}

/**
 * Query of a list without filters, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function pageQuerySchema(): JsonSchema {
  return jsonSchemaOf(pageQuery);
}
