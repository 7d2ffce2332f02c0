import type { JsonSchema } from "../types/json_schema.ts";

/**
 * Parameters of a path.
 *
 * @param path With names in braces.
 * @returns OpenAPI parameters, in order.
 */
export function pathParameters(path: string): JsonSchema[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: name === "split"
      ? {
        type: "string",
        enum: ["training", "validation", "test", "inference"],
      }
      : name === "sample_id"
      ? { type: "string", minLength: 1 }
      : { type: "string", format: "uuid" },
  }));
}

/**
 * Parameters of a query: one for each property of an object.
 *
 * @param query Schema of the query as an object.
 * @returns OpenAPI parameters, in order.
 */
export function queryParameters(query: JsonSchema): JsonSchema[] {
  const required = (query.required ?? []) as readonly string[];
  return Object.entries(query.properties as Record<string, JsonSchema>).map(
    ([name, schema]) => ({
      name,
      in: "query",
      required: required.includes(name),
      schema: withoutNull(schema),
    }),
  );
}

/** In a query nothing is null: what is meant is that the parameter is left out. */
function withoutNull(
  { default: ifLeftOut, ...schema }: JsonSchema,
): JsonSchema {
  const { anyOf, ...rest } = schema;
  const kept = (anyOf as readonly JsonSchema[] | undefined)?.filter((choice) =>
    choice.type !== "null"
  );
  return {
    ...rest,
    ...kept?.length === 1 ? kept[0] : kept ? { anyOf: kept } : {},
    ...ifLeftOut === null || ifLeftOut === undefined
      ? {}
      : { default: ifLeftOut },
  };
}
