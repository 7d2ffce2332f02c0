/**
 * Compares answers with the OpenAPI document: every answer that a test of a route gets passes here.
 *
 * @module
 */
import assert from "node:assert/strict";
import Ajv from "ajv/dist/2020.js";
import { openApiDocument } from "@shared/openapi/document.ts";

interface Described {
  readonly method: string;
  readonly path: RegExp;
  readonly responses: Readonly<
    Record<string, { content?: Record<string, { schema?: { $ref: string } }> }>
  >;
}

const document = openApiDocument();
const ajv = new Ajv.default({
  strict: false,
  validateFormats: false,
  allErrors: true,
});
ajv.addSchema(document, "openapi");

const described: readonly Described[] = Object.entries(
  document.paths as Record<string, Record<string, Described>>,
).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { responses }]) => ({
    method: method.toUpperCase(),
    path: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
    responses,
  }))
);

/** Fails if a route that the document has answers what it does not say. */
export function assertConforms(
  method: string,
  path: string,
  answer: { readonly status: number; readonly headers: Headers },
  json: unknown,
): void {
  const plain = path.split("?")[0]!;
  const found = described.find((operation) =>
    operation.method === method && operation.path.test(plain)
  );
  if (!found) return;
  const where = `${method} ${plain} answers ${answer.status}`;
  const response = found.responses[answer.status];
  assert.ok(
    response,
    `${where}, which the document does not say: ${JSON.stringify(json)}`,
  );
  const type = answer.headers.get("content-type")?.split(";")[0] ?? null;
  if (!response.content) return assert.equal(type, null, where);
  assert.ok(type !== null && type in response.content, `${where} with ${type}`);
  const schema = response.content[type]!.schema;
  if (!schema) return;
  const validate = ajv.getSchema(`openapi${schema.$ref}`)!;
  assert.ok(
    validate(json),
    `${where} with a body that breaks ${schema.$ref}: ${
      ajv.errorsText(validate.errors)
    }: ${JSON.stringify(json).slice(0, 2_000)}`,
  );
}
