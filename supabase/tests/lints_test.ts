import assert from "node:assert/strict";
import { createTestDatabase, testEngines } from "@testing/postgres.ts";
import postgres from "postgres";

const LINTS = new URL("./lints/", import.meta.url);

/** One statement that each lint must catch. */
const OFFENDERS: Record<string, string> = {
  "0001_rls_disabled.sql": "create table assay.x (id int)",
  "0002_no_policy.sql":
    "create table assay.x (id int); alter table assay.x enable row level security",
  "0003_unindexed_foreign_key.sql":
    "create table assay.x (id int, run_id uuid references assay.runs)",
  "0004_function_without_search_path.sql":
    "create function assay.x() returns int language sql as 'select 1'",
  "0005_view_without_invoker.sql":
    "create view assay.x as select * from assay.runs",
  "0006_public_or_anon_grant.sql":
    "create function assay.x() returns int language sql set search_path = '' as 'select 1'",
};

for (const engine of testEngines()) {
  Deno.test(`schema lints on ${engine.name}`, async (t) => {
    const database = await createTestDatabase(engine);
    const sql = postgres(database.url(), { max: 1, prepare: false });
    try {
      for (const { name } of Deno.readDirSync(LINTS)) {
        const lint = Deno.readTextFileSync(new URL(name, LINTS));
        await t.step(`${name} finds nothing`, async () => {
          assert.deepEqual([...await sql.unsafe(lint)], []);
        });
        await t.step(`${name} catches an offender`, async () => {
          const undo = new Error("undo");
          await sql.begin(async (tx) => {
            await tx.unsafe(OFFENDERS[name]!);
            assert.notEqual((await tx.unsafe(lint)).length, 0);
            throw undo;
          }).catch((error) => assert.equal(error, undo));
        });
      }
    } finally {
      await sql.end();
      await database.drop();
    }
  });
}
