import assert from "node:assert/strict";
import {
  compileMetadataSchema,
  METADATA_SCHEMA_LIMITS,
  parseMetadataSchema,
} from "./metadata_schema.ts";

const schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  properties: {
    folder: { type: ["integer", "null"], minimum: 0 },
    source: { enum: ["web", "mail"] },
    tags: {
      type: "array",
      items: { type: "string", maxLength: 3 },
      maxItems: 2,
    },
  },
  required: ["folder"],
  additionalProperties: false,
};

Deno.test("compileMetadataSchema() checks rows and names column and rule", () => {
  const check = compileMetadataSchema(parseMetadataSchema(schema));
  assert.equal(check({ folder: null, source: "web", tags: ["a"] }), null);
  assert.match(check({ folder: -1 })!, /"folder" must be >= 0/);
  assert.match(
    check({ folder: 1, tags: ["long!"] })!,
    /"tags\.0" must NOT have more than 3/,
  );
  assert.match(check({})!, /metadata must have required property 'folder'/);
  assert.match(check({ folder: 1, colour: 1 })!, /additional properties/);
});

Deno.test("parseMetadataSchema() refuses what could cost more than the row it checks", () => {
  for (
    const keyword of [
      { pattern: "(a+)+$" },
      { format: "email" },
      { $ref: "#" },
      { $defs: {} },
      { uniqueItems: true },
      { patternProperties: {} },
      { anyOf: [{}] },
      { not: {} },
      { if: {} },
      { $async: true },
      { $id: "x" },
    ]
  ) {
    assert.throws(
      () => parseMetadataSchema({ type: "object", ...keyword }),
      {
        code: "validation_failed",
        message: new RegExp(Object.keys(keyword)[0]!.replace("$", "\\$")),
      },
    );
    assert.throws(
      () =>
        parseMetadataSchema({
          type: "object",
          properties: { a: { type: "string", ...keyword } },
        }),
      { code: "validation_failed" },
    );
  }
});

Deno.test("parseMetadataSchema() refuses depth, size and reserved columns before they hurt", () => {
  let deep: object = {};
  for (let i = 0; i < 100_000; i++) deep = { items: deep };
  assert.throws(
    () => parseMetadataSchema({ type: "object", properties: { a: deep } }),
    /levels/,
  );
  const wide = Object.fromEntries(
    Array.from(
      { length: METADATA_SCHEMA_LIMITS.nodes },
      (_, i) => [`c${i}`, {}],
    ),
  );
  assert.throws(
    () => parseMetadataSchema({ type: "object", properties: wide }),
    /values/,
  );
  assert.throws(
    () =>
      parseMetadataSchema({ type: "object", description: "x".repeat(70_000) }),
    /bytes/,
  );
  assert.throws(
    () => parseMetadataSchema({ type: "object", properties: { label: {} } }),
    /properties.label.*reserved/,
  );
  assert.throws(() => parseMetadataSchema({ type: "string" }), /type/);
  assert.throws(() => parseMetadataSchema([]), { code: "validation_failed" });
});

Deno.test("compileMetadataSchema() runs no text of the schema as code", () => {
  const evil = "'];globalThis.pwned=1;//";
  const check = compileMetadataSchema(parseMetadataSchema({
    type: "object",
    properties: { [evil]: { const: evil, enum: [evil] } },
    required: [evil],
  }));
  assert.equal(check({ [evil]: evil }), null);
  assert.equal("pwned" in globalThis, false);
});

Deno.test("parseMetadataSchema() refuses a property that objects cannot have, and leaves none out in silence", () => {
  const schema = JSON.parse(
    '{"type": "object", "properties": {"__proto__": {"type": "string"}}}',
  );
  assert.throws(() => parseMetadataSchema(schema), /no key "__proto__"/);
});
