import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import { createWorld } from "../testing/world.ts";
import { createDatabase } from "./database.ts";

const nobody = { kind: "person", userId: crypto.randomUUID() } as const;

Deno.test("a database that is not there is upstream_unavailable", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const database = createDatabase(`postgres://x@127.0.0.1:${port}/x`);
  await assert.rejects(database.asEdge(nobody, (sql) => sql`select 1`), {
    code: "upstream_unavailable",
  });
  await database.end();
});

for (const engine of testEngines()) {
  Deno.test(`transactions of the edge on ${engine.name}`, async (t) => {
    const world = await createWorld(engine);
    const { database } = world.edge;
    const owner = { kind: "person", userId: world.users.owner! } as const;
    const who = async (role: "asMember" | "asEdge") => {
      const [row] = await database[role](
        owner,
        (sql) => sql`select current_user as role, assay.user_id() as id`,
      );
      return { ...row };
    };
    try {
      await t.step(
        "asMember() and asEdge() differ in role, not in caller",
        async () => {
          assert.deepEqual(await who("asMember"), {
            role: "authenticated",
            id: owner.userId,
          });
          assert.deepEqual(await who("asEdge"), {
            role: "assay_edge",
            id: owner.userId,
          });
        },
      );

      await t.step("asMemberAtOnce() sees one state throughout", async () => {
        for (const role of ["asMember", "asMemberAtOnce"] as const) {
          const [row] = await database[role](
            owner,
            (sql) =>
              sql`select current_user as role, current_setting('transaction_isolation') as level`,
          );
          assert.deepEqual({ ...row }, {
            role: "authenticated",
            level: role === "asMember" ? "read committed" : "repeatable read",
          });
        }
      });

      await t.step(
        "nothing of a caller is left on the connection",
        async () => {
          const seen = await Promise.all(
            Array.from(
              { length: 40 },
              (_, i) =>
                i % 2 === 0
                  ? who("asMember").then((row) => row.id)
                  : database.asNobody(async (sql) => {
                    const [row] =
                      await sql`select current_user as role, assay.user_id() as id`;
                    assert.equal(row!.role, "assay_edge");
                    return row!.id;
                  }),
            ),
          );
          assert.deepEqual(
            seen,
            seen.map((_, i) => i % 2 === 0 ? owner.userId : null),
          );
        },
      );

      await t.step("what a policy refuses is forbidden", async () => {
        await assert.rejects(
          database.asEdge(
            nobody,
            (sql) =>
              sql`insert into assay.datasets (project_id, name) values (${world.mine}, 'x')`,
          ),
          { code: "forbidden" },
        );
        await assert.rejects(
          database.asMember(owner, (sql) => sql`delete from assay.runs`),
          { code: "forbidden" },
        );
      });

      await t.step(
        "a statement that takes too long is upstream_unavailable",
        async () => {
          await assert.rejects(
            database.asMember(owner, async (sql) => {
              await sql`select set_config('statement_timeout', '20ms', true)`;
              await sql`select pg_sleep(10)`;
            }),
            { code: "upstream_unavailable" },
          );
        },
      );

      await t.step("an error in the body undoes what was written", async () => {
        await assert.rejects(
          database.asEdge(owner, async (sql) => {
            await sql`insert into assay.datasets (project_id, name) values (${world.mine}, 'undone')`;
            throw new Error("changed my mind");
          }),
          { message: "changed my mind" },
        );
        assert.equal(
          (await world.admin`select from assay.datasets where name = 'undone'`)
            .length,
          0,
        );
      });
    } finally {
      await world.stop();
    }
  });
}
