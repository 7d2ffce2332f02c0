import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import { skipIf } from "@testing/skip.ts";
import postgres from "postgres";
import { freePort } from "../supervisor/ports.ts";
import { noMounts, withFolder, withSmallDisk } from "../testing/folders.ts";
import { startServer } from "./server.ts";

async function query<T>(
  url: string,
  body: (sql: postgres.Sql) => Promise<T>,
): Promise<T> {
  const sql = postgres(url, { max: 1, prepare: false, onnotice: () => {} });
  try {
    return await body(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Starts a server from a process of its own, which is then killed: the server is left. */
async function leaveServer(dir: string, port: number): Promise<string> {
  const module = new URL("./server.ts", import.meta.url).href;
  const text = `
    const { startServer } = await import(${JSON.stringify(module)});
    const server = await startServer(${JSON.stringify({ dir, port })});
    console.log(server.url);
    setInterval(() => {}, 1000);`;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", text],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = process.stdout.getReader();
  const { value } = await reader.read();
  process.kill("SIGKILL");
  await process.status;
  await reader.cancel();
  return new TextDecoder().decode(value).trim();
}

for (const major of [17, 15] as const) {
  Deno.test(`startServer() keeps the data and the password between starts (${major})`, async () => {
    await withFolder(async (dir) => {
      const first = await startServer({ dir, port: freePort(), major });
      await query(first.url, async (sql) => {
        await sql`create table notes as select 'kept' as text`;
        const [row] = await sql`select version(), current_user as "user"`;
        assert.ok(row!.version.startsWith(`PostgreSQL ${major}.`));
        assert.equal(row!.user, "postgres");
      });
      await first.stop();
      await first.ended;
      const second = await startServer({ dir, port: freePort(), major });
      assert.equal(new URL(second.url).password, new URL(first.url).password);
      await query(second.url, async (sql) => {
        assert.deepEqual([...await sql`select text from notes`], [{
          text: "kept",
        }]);
      });
      await second.stop();
    });
  });
}

Deno.test("startServer() lets nobody in without the password, and nobody from outside", async () => {
  await withFolder(async (dir) => {
    const server = await startServer({ dir, port: freePort() });
    const url = new URL(server.url);
    url.password = "wrong";
    await assert.rejects(
      query(url.href, (sql) => sql`select 1`),
      /password authentication failed/,
    );
    await query(server.url, async (sql) => {
      const [row] = await sql`
        select current_setting('listen_addresses') as listen, current_setting('unix_socket_directories') as sockets`;
      assert.deepEqual({ ...row }, { listen: "127.0.0.1", sockets: "" });
    });
    assert.equal((await Deno.stat(join(dir, "password"))).mode! & 0o777, 0o600);
    await server.stop();
  });
});

Deno.test("startServer() says that the folder is in use, and leaves the server in it alone", async () => {
  await withFolder(async (dir) => {
    const server = await startServer({ dir, port: freePort() });
    await assert.rejects(startServer({ dir, port: freePort() }), {
      message:
        `Cannot start database as its folder is in use by another Assay: "${dir}". Stop that one, or choose another folder with ASSAY_HOME`,
    });
    await query(server.url, (sql) => sql`select 1`);
    await server.stop();
  });
});

Deno.test("startServer() says that the port is taken, and gives the folder back", async () => {
  await withFolder(async (dir) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    const start = () => startServer({ dir, port });
    await assert.rejects(start(), {
      message:
        `Cannot start database as port ${port} is taken: stop what listens there, or set ASSAY_DATABASE_PORT to another`,
    });
    listener.close();
    await (await start()).stop();
  });
});

Deno.test("startServer() stops what a killed process left in the folder, and has its data", async () => {
  await withFolder(async (dir) => {
    const port = freePort();
    const left = await leaveServer(dir, port);
    await query(left, (sql) => sql`create table notes as select 1 as n`);
    const server = await startServer({ dir, port }); // the port is free: the one that was left is gone
    await query(server.url, (sql) => sql`select n from notes`);
    await server.stop();
  });
});

Deno.test("startServer() starts again after kill -9 with a busy backend, and loses nothing that was acknowledged", async () => {
  await withFolder(async (dir) => {
    const port = freePort();
    const first = await startServer({ dir, port });
    const sql = postgres(first.url, { max: 2, prepare: false });
    await sql`create table rows (n int)`;
    await sql`insert into rows select generate_series(1, 1000)`;
    const busy = sql`select count(*) from generate_series(1, 1e10)`.catch(
      () => "cut",
    );
    while (
      (await sql`select 1 from pg_stat_activity where query like '%1e10%' and state = 'active' and pid <> pg_backend_pid()`)
        .length === 0
    ) await delay(10);
    Deno.kill(first.pid, "SIGKILL");
    await first.ended;
    const second = await startServer({ dir, port });
    assert.equal(await busy, "cut");
    await sql.end({ timeout: 1 });
    const [row] = await query(
      second.url,
      (sql) => sql`select count(*)::int as n from rows`,
    );
    assert.equal(row!.n, 1000);
    await second.stop();
  });
});

Deno.test("startServer() says what PostgreSQL said if it does not start", async () => {
  await withFolder(async (dir) => {
    const start = (settings: Record<string, string>) =>
      startServer({ dir, port: freePort(), settings });
    await assert.rejects(
      start({ max_connections: "many" }),
      /^Error: Cannot start database: .*max_connections/,
    );
    await (await start({})).stop();
  });
});

Deno.test({
  name: "startServer() says that the disk is full, and starts once it is not",
  ...skipIf(await noMounts()),
  fn: () =>
    withSmallDisk("8m", async (dir) => {
      await assert.rejects(startServer({ dir, port: freePort() }), {
        message:
          `Cannot start database as the disk of "${dir}" is full: free some space and start again`,
      });
      await new Deno.Command("mount", {
        args: ["-o", "remount,size=200m", dir],
      }).output();
      await (await startServer({ dir, port: freePort() })).stop();
    }),
});
