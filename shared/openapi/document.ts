/**
 * The OpenAPI document of both functions: the permission table says which routes there are and who may call them, the schemas what they take
 * and answer, the tables beside this file the rest.
 *
 * @module
 */
import { type ErrorCode, ERRORS } from "../errors.ts";
import { type Access, ROUTES } from "../permissions.ts";
import { answerSchemas } from "../schemas/answers.ts";
import { sampleFilterSchema } from "../schemas/filter.ts";
import { metadataSchemaSchema } from "../schemas/metadata_schema.ts";
import type { JsonSchema } from "../types/json_schema.ts";
import { ingestOperations } from "./ingest.ts";
import { jobOperations } from "./jobs.ts";
import { modelOperations } from "./models.ts";
import type { Operation, OperationAnswer } from "./operation.ts";
import { pathParameters, queryParameters } from "./parameters.ts";
import { projectOperations } from "./projects.ts";
import { runOperations } from "./runs.ts";
import { systemOperations } from "./system.ts";

/**
 * All operations, by route.
 *
 * @returns One for each route of {@linkcode ROUTES}; a test compares.
 */
export function operations(): Record<string, Operation> {
  return {
    ...systemOperations(),
    ...ingestOperations(),
    ...projectOperations(),
    ...runOperations(),
    ...jobOperations(),
    ...modelOperations(),
  };
}

let text: string | undefined;

/**
 * The document as JSON text, made at the first call and kept.
 *
 * @returns JSON of {@linkcode openApiDocument}.
 */
export function openApiText(): string {
  return text ??= JSON.stringify(openApiDocument());
}

/**
 * The OpenAPI 3.1 document.
 *
 * @returns The document, made anew.
 */
export function openApiDocument(): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [route, operation] of Object.entries(operations())) {
    const access = ROUTES[route];
    if (access === undefined) continue;
    const [method, pattern] = route.split(" ") as [string, string];
    const path = pattern.replaceAll(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[method.toLowerCase()] = describe(
      method,
      path,
      access,
      operation,
    );
  }
  const schemas: Record<string, JsonSchema> = {
    ...answerSchemas(),
    MetadataSchema: metadataSchemaSchema(),
    SampleFilter: sampleFilterSchema(),
  };
  return hoistDefinitions({
    openapi: "3.1.1",
    info: {
      title: "Assay",
      version: "1",
      description:
        "Finds the samples that hurt a model. Every error has the body `Error`: callers branch on its code. A caller without any scope on a project gets 404 for all that is in it.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/functions/v1" }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        key: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "assay_<id>_<secret>",
          description: "An API key, with the scopes it was made with.",
        },
        person: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description:
            "A signed-in person, with the scopes of their role in a project.",
        },
      },
    },
  });
}

function describe(
  method: string,
  path: string,
  access: Access,
  operation: Operation,
): Record<string, unknown> {
  const { summary, description, query, headers = {}, body, stream } = operation;
  const parameters = [
    ...pathParameters(path),
    ...query ? queryParameters(query) : [],
    ...Object.entries(headers).map(([name, header]) => ({
      name,
      in: "header",
      required: header.isRequired,
      description: header.says,
      schema: header.schema,
      example: header.example,
    })),
  ];
  return {
    operationId: operationId(method, path),
    tags: [path.split("/")[1]],
    summary,
    ...description ? { description } : {},
    ...access === "public"
      ? { security: [] }
      : access === "person"
      ? { security: [{ person: [] }] }
      : {
        security: [{ key: [] }, { person: [] }],
        ...access === "caller" ? {} : { "x-assay-scope": access },
      },
    ...parameters.length > 0 ? { parameters } : {},
    ...body
      ? {
        requestBody: {
          required: !body.isOptional,
          content: {
            "application/json": { schema: body.schema, example: body.example },
          },
        },
      }
      : {},
    ...stream
      ? {
        requestBody: {
          required: true,
          content: Object.fromEntries(
            Object.entries(stream).map(([type, example]) => [
              type,
              example === undefined ? {} : { example },
            ]),
          ),
        },
      }
      : {},
    responses: {
      ...answersOf(operation.answers),
      ...errorsOf(errorCodes(access, operation, path)),
    },
  };
}

function operationId(method: string, path: string): string {
  const words = path.split("/").slice(3).map((part) =>
    part.startsWith("{") ? "one" : part.replace(/\W/g, "_")
  );
  return [method.toLowerCase(), path.split("/")[1], ...words].join("_");
}

function answersOf(
  answers: Readonly<Record<number, OperationAnswer>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { says, schema, mediaType }]) => [
      status,
      {
        description: says,
        ...schema ? { content: jsonOf(schema) } : {},
        ...mediaType ? { content: { [mediaType]: {} } } : {},
      },
    ]),
  );
}

function errorCodes(
  access: Access,
  { query, body, stream, errors = [] }: Operation,
  path: string,
): Set<ErrorCode> {
  const codes = new Set<ErrorCode>(errors);
  if (access !== "public") {
    codes.add("unauthenticated");
    codes.add("rate_limited");
    codes.add("upstream_unavailable");
  }
  if (!["public", "caller"].includes(access)) codes.add("forbidden");
  if (path.includes("{") || (body && access !== "person")) {
    codes.add("not_found");
  }
  if (query || body || stream) codes.add("validation_failed");
  if (body) codes.add("too_large");
  codes.add("internal");
  return codes;
}

/** Errors of one status are one answer. */
function errorsOf(codes: ReadonlySet<ErrorCode>): Record<string, unknown> {
  const byStatus = Object.groupBy(codes, (code) => ERRORS[code].status);
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, found]) => [
      status,
      {
        description: `Error: ${found.map((code) => `\`${code}\``).join(", ")}.`,
        content: jsonOf("Error"),
      },
    ]),
  );
}

function jsonOf(schema: string): Record<string, unknown> {
  return {
    "application/json": { schema: { $ref: `#/components/schemas/${schema}` } },
  };
}

/** Schemas that refer to themselves bring `$defs`, which resolve from the document's root only as components. */
function hoistDefinitions(
  document: Record<string, unknown>,
): Record<string, unknown> {
  const components = document.components as {
    schemas: Record<string, unknown>;
  };
  const hoisted: Record<string, unknown> = {};
  const visit = (node: unknown, name: string): unknown => {
    if (Array.isArray(node)) return node.map((child) => visit(child, name));
    if (typeof node !== "object" || node === null) return node;
    const { $defs, ...rest } = node as Record<string, unknown>;
    for (const [key, inner] of Object.entries($defs ?? {})) {
      hoisted[`${name}${key.replaceAll("_", "")}`] = visit(inner, name);
    }
    return Object.fromEntries(
      Object.entries(rest).map(([key, child]) => [
        key,
        key === "$ref" && typeof child === "string"
          ? child.replace(
            /^#\/\$defs\/(.*)$/,
            (_, id) => `#/components/schemas/${name}${id.replaceAll("_", "")}`,
          )
          : visit(child, name),
      ]),
    );
  };
  const schemas = Object.fromEntries(
    Object.entries(components.schemas).map((
      [name, schema],
    ) => [name, visit(schema, name)]),
  );
  return {
    ...document,
    components: { ...components, schemas: { ...schemas, ...hoisted } },
  };
}
