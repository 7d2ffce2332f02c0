import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import { createWorld, PERSONAS, type World } from "./personas.ts";

/** Rows that name an id, by table and view, as a persona sees them; what may not be read at all is left out. */
async function seen(
  world: World,
  persona: typeof PERSONAS[number],
  ids: readonly string[],
): Promise<Record<string, number>> {
  const names = await world.admin`
    select c.oid::regclass::text as name from pg_class c
    where c.relkind in ('r', 'v') and (c.relnamespace = 'assay'::regnamespace or c.oid = 'storage.objects'::regclass)
      and has_table_privilege('authenticated', c.oid, 'select')`;
  const counts: Record<string, number> = {};
  await world.as(persona, "authenticated", async (sql) => {
    for (const { name } of names) {
      const [row] = await sql`
        select count(*)::int as n from ${sql.unsafe(name)} t
        where exists (select from unnest(${[
        ...ids,
      ]}::text[]) as u (id) where strpos(t::text, u.id) > 0)`;
      if (row!.n > 0) counts[name] = row!.n;
    }
  });
  return counts;
}

async function remove(world: World, subject: string, id: string) {
  await world.as("owner", "assay_edge", async (sql) => {
    const [job] =
      await sql`select * from assay.delete_subject(${subject}, ${id})`;
    assert.ok(job!.task_id);
    const again =
      await sql`select * from assay.delete_subject(${subject}, ${id})`;
    assert.equal(again.length, 0, "it was deleted before");
  }); // rolled back; this stays:
  await world.admin`
    select assay.mark_deleted(${subject}, ${id}, ${world.mine})`;
}

for (const engine of testEngines()) {
  Deno.test(`what is deleted is hidden on ${engine.name}`, async (t) => {
    const world = await createWorld(engine);
    const { admin, mine, runId, datasetId } = world;
    try {
      await admin`
        insert into storage.objects (bucket_id, name) values ('runs', ${`${mine}/${runId}/parts/x`}),
          ('runs', ${`${mine}/datasets/${datasetId}/contents/y/texts-0.txt`}), ('runs', ${`${mine}/exports/z`})`;

      await t.step(
        "who may not delete cannot, and nothing changes",
        async () => {
          const before = await seen(world, "owner", [runId]);
          for (
            const [persona, subject, id] of [
              ["viewer", "run", runId],
              ["ingestKey", "run", runId],
              ["stranger", "run", runId],
              ["editor", "dataset", datasetId],
              ["writeKey", "project", mine],
            ] as const
          ) {
            await assert.rejects(
              world.as(persona, "assay_edge", (sql) =>
                sql`
              select * from assay.delete_subject(${subject}, ${id})`),
              { code: "42501" },
              `${persona} ${subject}`,
            );
          }
          for (const call of ["purge", "end_deletion"]) {
            await assert.rejects(
              world.as("owner", "assay_edge", (sql) =>
                sql`
              select ${sql.unsafe(`assay.${call}`)}('run', ${runId})`),
              { code: "42501" },
            );
          }
          assert.deepEqual(await seen(world, "owner", [runId]), before);
        },
      );

      await t.step(
        "the worker removes nothing that was not deleted",
        async () => {
          const before = await seen(world, "owner", [runId, datasetId]);
          for (
            const [subject, id] of [["run", runId], ["dataset", datasetId]]
          ) {
            const [row] = await world
              .worker`select assay.purge(${subject!}, ${id!}) as n`;
            assert.equal(row!.n, 0);
            await world.worker`select assay.end_deletion(${subject!}, ${id!})`;
          }
          assert.deepEqual(
            await seen(world, "owner", [runId, datasetId]),
            before,
          );
        },
      );

      for (
        const [subject, id, stays] of [
          ["run", runId, [datasetId]],
          ["dataset", datasetId, [mine]],
          ["project", mine, []],
        ] as const
      ) {
        await t.step(
          `a ${subject}, from everybody and everywhere`,
          async () => {
            const shown = await seen(world, "owner", [id]);
            assert.ok(Object.keys(shown).length > 0);
            await remove(world, subject, id);
            for (const persona of PERSONAS) {
              const left = await seen(world, persona, [id]);
              if (subject === "run") delete left["assay.verdicts"]; // what a person said outlives the run
              if (subject === "run") delete left["assay.current_verdicts"];
              assert.deepEqual(left, {}, persona);
            }
            for (const other of stays) {
              const left = await seen(world, "owner", [other]);
              assert.ok(Object.keys(left).length > 0, "what holds it is there");
            }
          },
        );
      }
    } finally {
      await world.drop();
    }
  });
}
