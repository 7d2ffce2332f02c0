import { type BadInput, type BadPart, refused } from "./bad_input.ts";

/** What never reaches the worker. */
export function atTheEdge(): BadInput[] {
  const run = (
    name: string,
    body: BadInput["run"],
    rule: RegExp,
    status = 400,
  ) => refused(name, status, rule, { run: body! });
  const schema = (name: string, metadata_schema: unknown, rule: RegExp) =>
    run(`a metadata schema ${name}`, { metadata_schema }, rule);
  const part = (
    name: string,
    sent: Partial<BadPart>,
    rule: RegExp,
    status = 400,
  ) =>
    refused(name, status, rule, {
      isAlone: true,
      parts: [{ kind: "samples", body: "{}", ...sent }],
    });
  let deep: unknown = { type: "string" };
  for (let i = 0; i < 5_000; i++) deep = { properties: { a: deep } };
  return [
    run("a run that is no JSON", "{", /it is no JSON/),
    run("a run that is a list", "[]", /expected object/),
    run("a run without classes", { label_names: [] }, /label_names/),
    run("a run of classes of one name", { label_names: ["a", "a"] }, /unique/),
    run("a run of a class with NUL", { label_names: ["a\0"] }, /without NUL/),
    run("a run with half a character", { name: "\ud800" }, /well-formed/),
    run("a run with words we do not know", { colour: 1 }, /colour/),
    run("a run of more than 1 MB", "x".repeat(1_100_000), /1048576 bytes/, 413),
    run("a run of writers without end", { writers: 1e9 }, /writers/),
    schema("with a pattern", {
      type: "object",
      properties: { a: { pattern: "(a+)+$" } },
    }, /pattern/),
    schema("with a reference", {
      type: "object",
      properties: { a: { $ref: "https://example.com/x" } },
    }, /\$ref/),
    schema("of a depth that ends stacks", {
      type: "object",
      properties: { deep },
    }, /at most 12 levels/),
    schema("of too many values", {
      type: "object",
      properties: { a: { enum: Array(30_000).fill(1) } },
    }, /at most 20000 values/),
    schema("about a reserved column", {
      type: "object",
      properties: { text: { type: "string" } },
    }, /reserved column/),
    schema("that is a list", [], /metadata_schema/),
    part(
      "a part of a type we do not read",
      { type: "text/csv" },
      /Content-Type must be/,
      415,
    ),
    part("a part without a type", { type: "" }, /Content-Type must be/, 415),
    part(
      "a part packed as we do not read",
      { encoding: "br" },
      /Content-Encoding must be/,
      415,
    ),
    part("a part of no bytes", { body: "" }, /its body is empty/),
    part(
      "a part of more than 32 MB",
      { body: new Uint8Array(33 * 1024 ** 2) },
      /at most 33554432 bytes; send it as several parts/,
      413,
    ),
    part("a part of no split", { query: { split: "all" } }, /split/),
    part("a part of a negative epoch", { query: { epoch: "-1" } }, /epoch/),
    part("a part of an endless seq", { query: { seq: "9".repeat(40) } }, /seq/),
    part("a part with a query we do not know", { query: { a: "1" } }, /a/),
  ];
}
