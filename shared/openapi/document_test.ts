import assert from "node:assert/strict";
import Ajv from "ajv/dist/2020.js";
import { ERRORS } from "../errors.ts";
import { ROUTES } from "../permissions.ts";
import { openApiDocument, openApiText, operations } from "./document.ts";

// deno-lint-ignore no-explicit-any -- a document of many shapes
const document = openApiDocument() as any;

/** Every object within a value, with the keys that lead to it. */
function* objectsIn(
  value: unknown,
  path: readonly string[] = [],
): Generator<[readonly string[], Record<string, unknown>]> {
  if (typeof value !== "object" || value === null) return;
  yield [path, value as Record<string, unknown>];
  for (const [key, child] of Object.entries(value)) {
    yield* objectsIn(child, [...path, key]);
  }
}

Deno.test("the OpenAPI document describes every route of the permission table, and no other", () => {
  assert.deepEqual(
    Object.keys(operations()).sort(),
    Object.keys(ROUTES).sort(),
  );
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) =>
      `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`
    )
  );
  assert.deepEqual(described.sort(), Object.keys(ROUTES).sort());
});

Deno.test("the OpenAPI document says who may call as the permission table does", () => {
  for (const [route, access] of Object.entries(ROUTES)) {
    const [method, path] = route.split(" ");
    const { security, responses } =
      document.paths[path!.replaceAll(/:(\w+)/g, "{$1}")][
        method!.toLowerCase()
      ];
    const schemes = security.map((scheme: object) => Object.keys(scheme)[0]);
    assert.deepEqual(
      schemes,
      access === "public"
        ? []
        : access === "person"
        ? ["person"]
        : ["key", "person"],
    );
    assert.equal(401 in responses, access !== "public", route);
  }
});

Deno.test("every reference of the OpenAPI document leads somewhere", () => {
  let nFound = 0;
  for (const [path, { $ref }] of objectsIn(document)) {
    if (typeof $ref !== "string") continue;
    const target = $ref.slice(2).split("/").reduce(
      (at, key) => at?.[key],
      document,
    );
    assert.ok($ref.startsWith("#/") && target, `${path.join("/")}: ${$ref}`);
    nFound++;
  }
  assert.ok(nFound > 100);
  assert.ok(!openApiText().includes("$defs"));
});

Deno.test("every example of the OpenAPI document is what its schema says", () => {
  const ajv = new Ajv.default({ strict: false, validateFormats: false });
  ajv.addSchema(document, "openapi");
  let nChecked = 0;
  for (const [path, { schema, example }] of objectsIn(document)) {
    if (schema === undefined || example === undefined) continue;
    const place = path.map((key) =>
      encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1"))
    ).join("/");
    const validate = ajv.getSchema(`openapi#/${place}/schema`)!;
    assert.ok(
      validate(example),
      `${path.join("/")}: ${ajv.errorsText(validate.errors)}`,
    );
    nChecked++;
  }
  assert.ok(nChecked > 10, `${nChecked}`);
});

Deno.test("the OpenAPI document names every error code", () => {
  const { code } = document.components.schemas.Error.properties.error
    .properties;
  assert.deepEqual([...code.enum].sort(), Object.keys(ERRORS).sort());
});

Deno.test("numbers in a query are numbers in the OpenAPI document, and nothing is null", () => {
  const { parameters } = document.paths["/api/v1/runs"].get;
  const limit = parameters.find((p: { name: string }) => p.name === "limit");
  assert.deepEqual(limit, {
    name: "limit",
    in: "query",
    required: false,
    schema: { type: "integer", minimum: 1, maximum: 500, default: 50 },
  });
  for (const [path, { in: place, schema }] of objectsIn(document)) {
    if (place !== "query") continue;
    assert.ok(!JSON.stringify(schema).includes("null"), path.join("/"));
  }
});
