import { z } from "zod";
import type { JsonSchema } from "../types/json_schema.ts";
import { jsonSchemaOf } from "./_json_schema.ts";
import { id, pageFields, parseWith, text } from "./_parse.ts";
import type { PageQuery } from "./page.ts";

/** Which datasets are asked for. */
export interface DatasetQuery extends PageQuery {
  /** Only of this project; null: of all the caller may read. */
  readonly projectId: string | null;
  /** Only with this name. */
  readonly name: string | null;
}

const datasetQuery = z.strictObject({
  ...pageFields,
  project_id: id.nullable().default(null),
  name: text(1, 200).nullable().default(null),
}).transform(({ project_id: projectId, ...rest }) => ({ ...rest, projectId }));

/**
 * Parses the query string of `GET /datasets`.
 *
 * @param query The query string's parameters.
 * @returns What is asked for.
 * @throws {AppError} `validation_failed` if a parameter is unknown or wrong.
 */
export function parseDatasetQuery(
  query: Readonly<Record<string, string>>,
): DatasetQuery {
  return parseWith(datasetQuery, query, "query");
}

/**
 * Query of `GET /datasets`, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function datasetQuerySchema(): JsonSchema {
  return jsonSchemaOf(datasetQuery);
}
