import assert from "node:assert/strict";
import { join } from "node:path";
import { generate } from "./gen_schema.ts";
import { ROOT } from "./source_files.ts";

Deno.test("supabase/schema.sql and shared/types/database.ts are as the migrations say", async () => {
  for (const [path, text] of await generate()) {
    assert.equal(
      await Deno.readTextFile(join(ROOT, path)),
      text,
      `${path} is stale: run \`deno task schema\``,
    );
  }
});

Deno.test("generate() names every table, view, function and policy that a migration creates and none drops", async () => {
  const [, sql] = (await generate())[0]!;
  const migrations = join(ROOT, "supabase/migrations");
  const names = new Set<string>();
  const files = Array.from(Deno.readDirSync(migrations), ({ name }) => name);
  for (const name of files.sort()) {
    const text = Deno.readTextFileSync(join(migrations, name));
    for (
      const [, verb, subject] of text.matchAll(
        /^(create|drop) (?:or replace )?(?:table|view|function|policy|index|unique index) (?:assay\.)?(\w+)/gm,
      )
    ) verb === "create" ? names.add(subject!) : names.delete(subject!);
  }
  assert.ok(names.size > 50);
  for (const name of names) assert.match(sql, new RegExp(`\\b${name}\\b`));
});
