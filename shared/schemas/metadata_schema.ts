/**
 * JSON Schemas of metadata come from strangers. Only keywords whose cost is bounded by the row are taken: no `pattern`, no `format`,
 * no `$ref`, no `uniqueItems`, no combinators. So a compiled schema cannot hang, and compiling cannot fail.
 *
 * @module
 */
import Ajv from "ajv";
import { z } from "zod";
import type { JsonSchema } from "../types/json_schema.ts";
import { jsonSchemaOf } from "./_json_schema.ts";
import { AppError } from "../errors.ts";
import { parseWith, text } from "./_parse.ts";

/** Columns of a samples part that are no metadata. */
export const RESERVED_COLUMNS = [
  "id",
  "label",
  "text",
  "image",
  "features",
] as const;

/** Limits of a metadata schema. */
export const METADATA_SCHEMA_LIMITS = {
  bytes: 65_536,
  depth: 12,
  nodes: 20_000,
} as const;

/** A JSON Schema that {@linkcode parseMetadataSchema} has accepted. */
export type MetadataSchema = Readonly<Record<string, unknown>>;

const typeName = z.enum([
  "string",
  "number",
  "integer",
  "boolean",
  "null",
  "array",
  "object",
]);
const scalar = z.union([text(0, 1_000), z.number(), z.boolean(), z.null()]);
const size = z.int().min(0).max(1_000_000_000);
const propertyName = text(1, 200).refine(
  (name) => name !== "__proto__",
  "is not a column name",
);

const keywords = {
  title: text(0, 1_000).optional(),
  description: text(0, 10_000).optional(),
  type: z.union([typeName, z.array(typeName).min(1).max(7)]).optional(),
  enum: z.array(scalar).min(1).max(10_000).optional(),
  const: scalar.optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  multipleOf: z.number().positive().optional(),
  minLength: size.optional(),
  maxLength: size.optional(),
  minItems: size.optional(),
  maxItems: size.optional(),
  required: z.array(propertyName).max(1_000).optional(),
};

const nested: z.ZodType<Record<string, unknown>> = z.lazy(() =>
  z.strictObject({
    ...keywords,
    items: nested.optional(),
    properties: z.record(propertyName, nested).optional(),
    additionalProperties: z.union([z.boolean(), nested]).optional(),
  })
) as never;

const metadataSchema: z.ZodType<MetadataSchema> = z.strictObject({
  ...keywords,
  $schema: text(0, 200).optional(),
  type: z.literal("object"),
  properties: z.record(
    propertyName.refine(
      (name) => !(RESERVED_COLUMNS as readonly string[]).includes(name),
      "is a reserved column",
    ),
    nested,
  ).optional(),
  additionalProperties: z.union([z.boolean(), nested]).optional(),
}) as never;

/**
 * Accepts a JSON Schema of metadata whose keywords, depth and size are allowed.
 *
 * @param value Decoded JSON.
 * @returns The schema, unchanged.
 * @throws {AppError} `validation_failed` that names the keyword or the limit.
 */
export function parseMetadataSchema(value: unknown): MetadataSchema {
  refuseHuge(value);
  return parseWith(metadataSchema, value, "metadata_schema");
}

/**
 * A check of one row's metadata.
 *
 * @param schema What {@linkcode parseMetadataSchema} accepted.
 * @returns A function from a row's metadata to null, or to a sentence that names column and rule.
 */
export function compileMetadataSchema(
  schema: MetadataSchema,
): (metadata: unknown) => string | null {
  const { $schema: _, ...plain } = schema;
  const ajv = new Ajv.default({
    strict: false,
    meta: false,
    validateSchema: false,
    validateFormats: false,
    ownProperties: true,
    logger: false,
  });
  const validate = ajv.compile(plain);
  return (metadata) => {
    if (validate(metadata)) return null;
    const error = validate.errors?.[0];
    const column = error?.instancePath.slice(1).replaceAll("/", ".") ?? "";
    return `${column === "" ? "metadata" : `column "${column}"`} ${
      error?.message ?? "does not match metadata_schema"
    }`;
  };
}

/** Walks without recursion: a hostile depth must not end the stack before it is refused. */
function refuseHuge(value: unknown): void {
  const { bytes, depth, nodes } = METADATA_SCHEMA_LIMITS;
  const open: [unknown, number][] = [[value, 1]];
  let seen = 0;
  while (open.length > 0) {
    const [node, level] = open.pop()!;
    if (++seen > nodes) refuse(`at most ${nodes} values`);
    if (level > depth) refuse(`at most ${depth} levels`);
    if (typeof node === "object" && node !== null) {
      if (Object.hasOwn(node, "__proto__")) refuse('no key "__proto__"');
      for (const child of Object.values(node)) open.push([child, level + 1]);
    }
  }
  if ((JSON.stringify(value) ?? "").length > bytes) {
    refuse(`at most ${bytes} bytes`);
  }
}

function refuse(rule: string): never {
  throw new AppError(
    "validation_failed",
    `Cannot parse metadata_schema: it may have ${rule}`,
  );
}

/**
 * What {@linkcode parseMetadataSchema} accepts, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function metadataSchemaSchema(): JsonSchema {
  return jsonSchemaOf(metadataSchema);
}
