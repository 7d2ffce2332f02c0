import assert from "node:assert/strict";
import { join } from "node:path";
import { hasDenoTests, ROOT, sourceFiles } from "./source_files.ts";

Deno.test("hasDenoTests() tells folders that only Python tests", async () => {
  const at = (path: string) => hasDenoTests(join(ROOT, path));
  assert.equal(await at("examples/csv"), false);
  assert.equal(await at("examples"), true);
  assert.equal(await at("tools/source_files.ts"), true);
});

Deno.test("sourceFiles() has this room's sources and none of its tests", async () => {
  const files = await sourceFiles();
  assert.ok(files.includes("tools/source_files.ts"));
  assert.ok(!files.includes("tools/source_files_test.ts"));
});
