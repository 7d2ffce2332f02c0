import assert from "node:assert/strict";
import { TABLES, VIEWS } from "@shared/permissions.ts";
import { testEngines } from "@testing/postgres.ts";
import { createWorld, PERSONAS, SCOPES, type World } from "./personas.ts";

const READABLE_TABLES = Object.keys(TABLES).filter((t) => TABLES[t]!.select);
const CLOSED_TABLES = Object.keys(TABLES).filter((t) => !TABLES[t]!.select);

for (const engine of testEngines()) {
  Deno.test(`permissions of the schema on ${engine.name}`, async (t) => {
    const world = await createWorld(engine);
    try {
      await catalogTests(t, world);
      await personaTests(t, world);
    } finally {
      await world.drop();
    }
  });
}

async function catalogTests(t: Deno.TestContext, world: World) {
  await t.step("every view of the catalog stands in the table", async () => {
    const rows = await world.admin`
      select viewname from pg_views where schemaname = 'assay'`;
    assert.deepEqual(
      rows.map((r) => r.viewname).sort(),
      Object.keys(VIEWS).sort(),
    );
  });

  await t.step("every table of the catalog stands in the table", async () => {
    const rows = await world.admin`
      select tablename from pg_tables where schemaname = 'assay'`;
    assert.deepEqual(
      rows.map((r) => r.tablename).sort(),
      Object.keys(TABLES).sort(),
    );
  });
}

async function personaTests(t: Deno.TestContext, world: World) {
  for (const persona of PERSONAS) {
    const maySee = SCOPES[persona].includes("read");
    for (const name of [...Object.keys(VIEWS), ...READABLE_TABLES]) {
      await t.step(
        `${persona} ${maySee ? "reads" : "sees no row of"} ${name}`,
        async () => {
          const column = name === "projects" ? "id" : "project_id";
          const rows = await world.as(
            persona,
            "authenticated",
            (sql) =>
              sql`select ${sql(column)} as project from assay.${sql(name)}`,
          );
          const projects = new Set(rows.map((r) => r.project));
          assert.equal(projects.has(world.mine), maySee);
          if (maySee) assert.equal(projects.size, 1);
        },
      );
    }
    for (const name of CLOSED_TABLES) {
      await t.step(`${persona} may not read ${name}`, async () => {
        await assert.rejects(
          world.as(
            persona,
            "authenticated",
            (sql) => sql`select 1 from assay.${sql(name)}`,
          ),
          { code: "42501" },
        );
      });
    }
    await t.step(
      `${persona} sees nothing of an unpublished revision`,
      async () => {
        for (
          const name of [
            "revisions",
            "sample_results",
            "sample_issues",
            "sample_neighbours",
            "class_reports",
            "class_pairs",
            "row_problems",
            "revision_differences",
            "revision_difference_ranks",
            "revision_overview",
            "revision_samples",
            "revision_changes",
          ]
        ) {
          const column = name === "revisions"
            ? "id"
            : name === "revision_changes" ||
                name.startsWith("revision_difference")
            ? "to_revision_id"
            : "revision_id";
          const rows = await world.as(
            persona,
            "authenticated",
            (sql) =>
              sql`select 1 from assay.${sql(name)} where ${
                sql(column)
              } = ${world.hiddenRevisionId}`,
          );
          assert.equal(rows.length, 0, name);
        }
      },
    );
    const mayJudge = SCOPES[persona].includes("write");
    await t.step(
      `${persona} ${mayJudge ? "inserts" : "may not insert"} a verdict`,
      async () => {
        const insert = world.as(persona, "authenticated", (sql) =>
          sql`
          insert into assay.verdicts (dataset_id, sample_id, verdict) values (${world.datasetId}, 'a', 'keep')
          returning project_id, content_hash, reviewer_id, key_id`);
        if (!mayJudge) return await assert.rejects(insert);
        const [row] = await insert;
        assert.equal(row!.project_id, world.mine);
        assert.equal(row!.reviewer_id === null, persona.endsWith("Key"));
        assert.equal(row!.key_id !== null, persona.endsWith("Key"));
      },
    );
    const mayLog = SCOPES[persona].includes("ingest");
    await t.step(
      `${persona} ${mayLog ? "may" : "may not"} make a run through the edge`,
      async () => {
        const insert = world.as(persona, "assay_edge", (sql) =>
          sql`
          insert into assay.runs (id, project_id, dataset_id, name, attempt, task_type, label_names, request_digest)
          values (${crypto.randomUUID()}, ${world.mine}, ${world.datasetId}, 'second', 1, 'classification',
            ${["a"]}, ${new Uint8Array(32)}) returning 1`);
        if (mayLog) assert.equal((await insert).length, 1);
        else await assert.rejects(insert, { code: "42501" });
      },
    );
    const mayAdmin = SCOPES[persona].includes("admin");
    await t.step(
      `${persona} ${
        mayAdmin ? "renames" : "cannot rename"
      } the project through the edge`,
      async () => {
        const rows = await world.as(persona, "assay_edge", (sql) =>
          sql`
          update assay.projects set name = 'x' where id = ${world.mine} returning 1`);
        assert.equal(rows.length, mayAdmin ? 1 : 0);
      },
    );
    await t.step(`${persona} cannot write results or runs in SQL`, async () => {
      for (
        const statement of [
          `update assay.runs set name = 'x'`,
          `delete from assay.sample_results`,
          `insert into assay.jobs (project_id, job_kind, stage, pending_tasks) values ('${world.mine}', 'score_run', 'x', 1)`,
          `select assay.find_api_key('ownerKey00')`,
          `select * from assay.claim_task(gen_random_uuid(), 60, 'w', 'cpu')`,
        ]
      ) {
        await assert.rejects(
          world.as(persona, "authenticated", (sql) => sql.unsafe(statement)),
          { code: "42501" },
          statement,
        );
      }
    });
  }

  await t.step(
    "sample_review shows the worst first without being asked",
    async () => {
      const rows = await world.admin`
      select run_id, rank, run_created_at from assay.sample_review`;
      const sorted = rows.toSorted((a, b) =>
        b.run_created_at - a.run_created_at ||
        (a.run_id < b.run_id ? -1 : a.run_id > b.run_id ? 1 : a.rank - b.rank)
      );
      assert.ok(rows.length > 1);
      assert.deepEqual(rows.map((r) => r.run_id), sorted.map((r) => r.run_id));
    },
  );

  await t.step("a JWT that names a key itself is nobody", async () => {
    const [{ id }] = await world.admin`
      select id from assay.api_keys where name = 'adminKey'` as unknown as [
      { id: string },
    ];
    const rows = await world.admin.begin(async (sql) => {
      await sql`select set_config('request.jwt.claims', ${
        JSON.stringify({ key_id: id })
      }, true)`;
      await sql`set local role authenticated`; // as PostgREST does, from another login role
      return await sql`select 1 from assay.runs`;
    });
    assert.equal(rows.length, 0);
  });

  await t.step("a revoked or expired key is nobody", async () => {
    for (const column of ["revoked_at", "expires_at"]) {
      await world
        .admin`update assay.api_keys set ${
        world.admin(column)
      } = now() - interval '1 s'`;
      const rows = await world.as(
        "adminKey",
        "authenticated",
        (sql) => sql`select 1 from assay.runs`,
      );
      await world.admin`update assay.api_keys set ${
        world.admin(column)
      } = null`;
      assert.equal(rows.length, 0, column);
    }
  });

  await t.step("the last owner stays", async () => {
    await assert.rejects(
      world.as("owner", "assay_edge", (sql) =>
        sql`
        delete from assay.members where project_id = ${world.mine} and role = 'owner'`),
      { message: /at least one owner/ },
    );
  });
}
