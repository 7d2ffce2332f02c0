import assert from "node:assert/strict";
import postgres from "postgres";
import { noPgBouncer, startPgBouncer } from "./pgbouncer.ts";
import { createTestDatabase } from "./postgres.ts";
import { skipIf } from "./skip.ts";

Deno.test({
  name:
    "startPgBouncer() pools transactions: two clients take turns on one backend",
  ...skipIf(noPgBouncer()),
  async fn() {
    const database = await createTestDatabase();
    const url = database.url("assay_edge");
    const pooler = await startPgBouncer([url], 1);
    const clients = [1, 2].map(() =>
      postgres(pooler.through(url), { max: 1, prepare: false })
    );
    try {
      const pids: number[] = [];
      for (const sql of [...clients, ...clients]) {
        const [row] =
          await sql`select pg_backend_pid() as pid, current_user as name`;
        assert.equal(row!.name, "assay_edge");
        pids.push(row!.pid);
      }
      assert.equal(new Set(pids).size, 1);
    } finally {
      for (const sql of clients) await sql.end();
      await pooler.stop();
      await database.drop();
    }
  },
});
