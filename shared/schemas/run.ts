import { z } from "zod";
import type { JsonSchema } from "../types/json_schema.ts";
import { jsonSchemaOf } from "./_json_schema.ts";
import type { RunRequest } from "../types/run.ts";
import { id, pageFields, parseWith, text } from "./_parse.ts";
import type { PageQuery } from "./page.ts";
import { parseMetadataSchema } from "./metadata_schema.ts";

const runRequest = z.strictObject({
  project: text(1, 200).nullable().default(null),
  dataset: text(1, 200).nullable().default(null),
  name: text(1, 200).optional(),
  task: z.literal("classification").default("classification"),
  label_names: z.array(text(1, 500)).min(1).max(10_000).refine(
    (names) => new Set(names).size === names.length,
    "must be unique",
  ),
  writers: z.int().min(1).max(4_096).default(1),
  metadata_schema: z.unknown().default(null),
});

/**
 * Parses the body of `PUT /runs/{run_id}`; what is left out gets its default.
 *
 * @param value Decoded JSON.
 * @param runId Names the run where the body does not: its first 8 characters.
 * @returns The request.
 * @throws {AppError} `validation_failed` if `value` does not match.
 */
export function parseRunRequest(value: unknown, runId: string): RunRequest {
  const request = parseWith(runRequest, value, "run request");
  return {
    ...request,
    name: request.name ?? runId.slice(0, 8),
    metadata_schema: request.metadata_schema === null
      ? null
      : parseMetadataSchema(request.metadata_schema),
  };
}

/** Which runs are asked for. */
export interface RunQuery extends PageQuery {
  /** Only of this project; null: of all the caller may read. */
  readonly projectId: string | null;
  /** Only of this dataset. */
  readonly datasetId: string | null;
  /** Only with this name. */
  readonly name: string | null;
}

const runQuery = z.strictObject({
  ...pageFields,
  project_id: id.nullable().default(null),
  dataset_id: id.nullable().default(null),
  name: text(1, 200).nullable().default(null),
}).transform(({ project_id: projectId, dataset_id: datasetId, ...rest }) => ({
  ...rest,
  projectId,
  datasetId,
}));

/**
 * Parses the query string of `GET /runs`.
 *
 * @param query The query string's parameters.
 * @returns What is asked for.
 * @throws {AppError} `validation_failed` if a parameter is unknown or wrong.
 */
export function parseRunQuery(
  query: Readonly<Record<string, string>>,
): RunQuery {
  return parseWith(runQuery, query, "query");
}

const uuid = z.guid();

/**
 * Parses an id of the path that the client made.
 *
 * @param value What stands in the path.
 * @param what Name of the parameter, for the message.
 * @returns The UUID in lower case.
 * @throws {AppError} `validation_failed` if it is no UUID.
 */
export function parseUuid(value: string, what: string): string {
  return parseWith(uuid, value, what).toLowerCase();
}

/**
 * Whether text is a UUID; what is not names nothing we have.
 *
 * @param value Any text.
 * @returns True for a UUID.
 */
export function isUuid(value: string): boolean {
  return uuid.safeParse(value).success;
}

/**
 * Query of `GET /runs`, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function runQuerySchema(): JsonSchema {
  return jsonSchemaOf(runQuery);
}

/**
 * Body of `PUT /runs/{run_id}`, as JSON Schema.
 *
 * @param metadata Schema of a metadata schema, or a reference to it.
 * @returns The schema, made anew.
 */
export function runRequestSchema(metadata: JsonSchema): JsonSchema {
  const { properties, ...rest } = jsonSchemaOf(runRequest);
  return {
    ...rest,
    properties: {
      ...properties as JsonSchema,
      metadata_schema: { anyOf: [metadata, { type: "null" }], default: null },
    },
  };
}
