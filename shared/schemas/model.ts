import { z } from "zod";
import type { JsonSchema } from "../types/json_schema.ts";
import type { ModelAnnouncement, ModelRequest } from "../types/model.ts";
import { jsonSchemaOf } from "./_json_schema.ts";
import { id, pageFields, parseWith, text } from "./_parse.ts";
import type { PageQuery } from "./page.ts";

const side = z.int().min(1).max(2_048);
const channels = (each: z.ZodNumber) => z.array(each).length(3);
const finite = z.number().min(-1e6).max(1e6);

const preprocessing = z.strictObject({
  width: side,
  height: side,
  layout: z.enum(["nchw", "nhwc"]).default("nchw"),
  value_range: z.union([z.literal(1), z.literal(255)]).default(1),
  mean: channels(finite).default([0, 0, 0]),
  std: channels(z.number().min(1e-6).max(1e6)).default([1, 1, 1]),
  fit: z.enum(["fill", "cover"]).default("fill"),
});

const name = text(1, 500).nullable().default(null);

const modelRequest = z.strictObject({
  project_id: id,
  name: text(1, 200),
  input_kind: z.enum(["features", "image", "text"]),
  input_name: name,
  preprocessing: preprocessing.nullable().default(null),
  class_names: z.array(text(1, 500)).min(1).max(10_000).refine(
    (names) => new Set(names).size === names.length,
    "must name each class once",
  ),
  outputs: z.strictObject({ logits: name, probs: name, embedding: name })
    .default({ logits: null, probs: null, embedding: null }),
}).superRefine(({ input_kind, preprocessing, outputs }, context) => {
  const complain = (path: string, message: string) =>
    context.addIssue({ code: "custom", path: [path], message });
  if ((input_kind === "image") !== (preprocessing !== null)) {
    complain(
      "preprocessing",
      "is needed with input_kind image, and only there",
    );
  }
  if (outputs.logits !== null && outputs.probs !== null) {
    complain("outputs", "name logits or probs, not both");
  }
});

/**
 * Parses the body of `PUT /models/{model_id}`.
 *
 * @param value Decoded JSON.
 * @returns What the model is, defaults filled in.
 * @throws {AppError} `validation_failed` if `value` does not match.
 */
export function parseModelRequest(value: unknown): ModelRequest {
  return parseWith(modelRequest, value, "model");
}

const announcement = z.strictObject({
  size_bytes: z.int().min(1),
  sha256: z.string().regex(
    /^[0-9a-f]{64}$/i,
    "must be 64 hexadecimal digits",
  ).transform((digits) => digits.toLowerCase()),
});

/**
 * Parses the body of `POST /models/{model_id}/sign` and `POST /models/{model_id}/complete`.
 *
 * @param value Decoded JSON.
 * @returns What is said of the bytes.
 * @throws {AppError} `validation_failed` if `value` does not match.
 */
export function parseModelAnnouncement(value: unknown): ModelAnnouncement {
  return parseWith(announcement, value, "model announcement");
}

/** Which models are asked for. */
export interface ModelQuery extends PageQuery {
  /** Only of this project; null: of all the caller may read. */
  readonly projectId: string | null;
  /** Only with this name. */
  readonly name: string | null;
}

const modelQuery = z.strictObject({
  ...pageFields,
  project_id: id.nullable().default(null),
  name: text(1, 200).nullable().default(null),
}).transform(({ project_id: projectId, ...rest }) => ({ ...rest, projectId }));

/**
 * Parses the query string of `GET /models`.
 *
 * @param query The query string's parameters.
 * @returns What is asked for.
 * @throws {AppError} `validation_failed` if a parameter is unknown or wrong.
 */
export function parseModelQuery(
  query: Readonly<Record<string, string>>,
): ModelQuery {
  return parseWith(modelQuery, query, "query");
}

/**
 * Body of `PUT /models/{model_id}`, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function modelRequestSchema(): JsonSchema {
  return jsonSchemaOf(modelRequest);
}

/**
 * Body of `POST /models/{model_id}/sign` and `POST /models/{model_id}/complete`, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function modelAnnouncementSchema(): JsonSchema {
  return jsonSchemaOf(announcement);
}

/**
 * Query of `GET /models`, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function modelQuerySchema(): JsonSchema {
  return jsonSchemaOf(modelQuery);
}
