// deno-lint-ignore-file camelcase -- names of the line that main.ts prints
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import { skipIf } from "@testing/skip.ts";
import postgres from "postgres";
import { startServer } from "./database/server.ts";
import { freePort } from "./supervisor/ports.ts";
import { noMounts, withFolder, withSmallDisk } from "./testing/folders.ts";
import { isolated, type Platform, start, stop } from "./testing/platform.ts";

/** What the line `ready` tells. */
interface Ready {
  readonly url: string;
  readonly api_key: string;
  readonly login_url: string;
  readonly project_id: string;
  readonly processes: readonly { name: string; pid: number }[];
}

const NAMES = [
  "database",
  "storage",
  "queue",
  "ingest",
  "api",
  "worker",
  "gateway",
];

/** Runs `body` with a folder for the platform, and settings that keep it apart from others. */
async function withHome(
  body: (home: string, env: Record<string, string>) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const home = join(folder, "home");
    await body(home, isolated(home));
  });
}

async function withPlatform(
  env: Record<string, string>,
  body: (platform: Platform, ready: Ready) => Promise<void>,
  args: string[] = [],
): Promise<void> {
  const platform = start(env, args);
  try {
    await body(
      platform,
      await platform.next("ready") as unknown as Ready,
    );
  } finally {
    await stop(platform);
  }
}

/** Runs a start that is expected to fail; its exit code and sentence. */
async function failure(
  env: Record<string, string>,
): Promise<{ code: number; message: unknown }> {
  const platform = start(env);
  try {
    const { message } = await platform.next("failed");
    return { code: (await platform.status).code, message };
  } finally {
    await stop(platform);
  }
}

/** Asks until the answer is not 503: a part may be starting again. */
async function ask(
  { url, api_key: key }: Ready,
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  while (true) {
    try {
      const response = await fetch(`${url}/functions/v1/${path}`, {
        ...init,
        headers: {
          authorization: `Bearer ${key}`,
          "content-type": "application/json",
        },
      });
      const body = await response.json();
      if (response.status < 500) return { status: response.status, body };
    } catch { /* the gateway itself may be */ }
    await delay(50);
  }
}

function makeRun(ready: Ready, id: string) {
  return ask(ready, `ingest/v1/runs/${id}`, {
    method: "PUT",
    body: JSON.stringify({ name: "a run", label_names: ["a", "b"] }),
  });
}

/** Waits until no process has one of these ids. */
async function untilGone(pids: readonly number[]): Promise<void> {
  const isThere = async (pid: number) => {
    try {
      const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
      return !/\) Z /.test(stat); // one that has ended and was not waited for by its new parent
    } catch {
      if (Deno.build.os === "linux") return false;
    }
    try {
      Deno.kill(pid, "SIGCONT");
      return true;
    } catch {
      return false;
    }
  };
  while ((await Promise.all(pids.map(isThere))).some(Boolean)) await delay(20);
}

Deno.test("start brings every process up, signs the link's holder in, tells SDKs where it is, and leaves nothing behind", async () => {
  await withHome(async (home, env) => {
    await withPlatform(env, async (platform, ready) => {
      assert.deepEqual(ready.processes.map(({ name }) => name), NAMES);
      const id = crypto.randomUUID();
      assert.ok((await makeRun(ready, id)).status < 300);
      assert.equal((await ask(ready, `api/v1/runs/${id}`)).status, 200);
      const token = new URL(ready.login_url).hash.replace("#token=", "");
      const login = await fetch(
        `${ready.url}/auth/v1/token?grant_type=local`,
        { method: "POST", body: JSON.stringify({ token }) },
      );
      const { access_token: jwt } = await login.json();
      const asPerson = await ask(
        { ...ready, api_key: jwt },
        `api/v1/runs/${id}`,
      );
      assert.equal(asPerson.status, 200);
      assert.match(await (await fetch(ready.url)).text(), /<script/);

      const file = join(env.XDG_STATE_HOME!, "assay", "servers.json");
      const [entry] = JSON.parse(await Deno.readTextFile(file));
      assert.equal(entry.url, ready.url);
      assert.equal(entry.api_key, ready.api_key);
      assert.equal(entry.home, home);
      await Deno.stat(join(home, "database", "data", "PG_VERSION")); // in the folder, also as root
      for (const name of ["installation.json", "state.json"]) {
        const { mode } = await Deno.stat(join(home, name));
        assert.equal(mode! & 0o777, 0o600, name);
      }

      const second = start(env);
      const running = await second.next("running");
      assert.equal(running.url, ready.url);
      assert.equal(running.api_key, ready.api_key);
      assert.equal((await second.status).code, 3);
      await stop(second);
      assert.equal((await ask(ready, `api/v1/runs/${id}`)).status, 200);

      const startedAt = performance.now();
      platform.process.kill("SIGINT");
      assert.equal((await platform.status).code, 0);
      const seconds = (performance.now() - startedAt) / 1000;
      assert.ok(seconds < 5, `stopped after ${seconds} s`); // promised, not measured
      await untilGone(ready.processes.map(({ pid }) => pid));
      assert.deepEqual(JSON.parse(await Deno.readTextFile(file)), []);
      await assert.rejects(Deno.stat(join(home, "state.json")));
    });
  });
});

Deno.test("start after a kill -9 of the supervisor: nothing of it is left, the data and the keys are, and the port that was asked for", async () => {
  await withHome(async (_home, given) => {
    const env = { ...given, ASSAY_DATABASE_PORT: String(freePort()) };
    const id = crypto.randomUUID();
    let first: Ready;
    await withPlatform(env, async (platform, ready) => {
      first = ready;
      assert.ok((await makeRun(ready, id)).status < 300);
      platform.process.kill("SIGKILL");
      await platform.status;
      const [database, ...others] = ready.processes.map(({ pid }) => pid);
      await untilGone(others);
      Deno.kill(database!, "SIGCONT"); // PostgreSQL outlives it; the next start ends it
    });
    await withPlatform(env, async (_platform, ready) => {
      assert.equal(ready.api_key, first.api_key);
      assert.equal(ready.project_id, first.project_id);
      assert.equal((await ask(ready, `api/v1/runs/${id}`)).status, 200);
    });
    await untilGone(first!.processes.map(({ pid }) => pid));
  });
});

Deno.test("whatever is killed is started again, and what was acknowledged is there", async () => {
  await withHome(async (_home, env) => {
    await withPlatform(env, async (platform, ready) => {
      const id = crypto.randomUUID();
      assert.ok((await makeRun(ready, id)).status < 300);
      for (const { name, pid } of ready.processes) {
        Deno.kill(pid, "SIGKILL");
        await platform.next("restarted", name);
        assert.equal((await ask(ready, `api/v1/runs/${id}`)).status, 200, name);
        const other = await makeRun(ready, crypto.randomUUID());
        assert.ok(other.status < 300, name);
      }
    });
  });
});

Deno.test("--until-stdin-closes ends it with whoever started it", async () => {
  await withHome(async (_home, env) => {
    await withPlatform(env, async (platform, ready) => {
      await platform.process.stdin.close();
      await platform.next("stopped");
      assert.equal((await platform.status).code, 0);
      await untilGone(ready.processes.map(({ pid }) => pid));
    }, ["--until-stdin-closes"]);
  });
});

Deno.test("Ctrl-C while it starts ends what was started", async () => {
  await withHome(async (_home, env) => {
    for (const name of ["database", "storage", "gateway"]) {
      const platform = start(env);
      try {
        await platform.next("starting", name);
        Deno.kill(-platform.process.pid, "SIGINT"); // the whole group, as a terminal does
        await platform.next("stopped");
        assert.equal((await platform.status).code, 0, name);
        assert.ok(!platform.events.some((e) => e.event === "restarted"));
      } finally {
        await stop(platform);
      }
    }
  });
});

Deno.test("a port that was asked for and is taken: a sentence, and nothing is started", async () => {
  await withHome(async (_home, env) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const port = String((listener.addr as Deno.NetAddr).port);
    try {
      for (
        const [name, what] of [
          ["ASSAY_PORT", ""],
          ["ASSAY_DATABASE_PORT", "database "],
        ]
      ) {
        assert.deepEqual(await failure({ ...env, [name!]: port }), {
          code: 1,
          message:
            `Cannot start ${what}as port ${port} is taken: stop what listens there, or set ${name} to another`,
        });
      }
    } finally {
      listener.close();
    }
    const free = String(freePort());
    await withPlatform({ ...env, ASSAY_PORT: free }, (_platform, ready) => {
      assert.equal(new URL(ready.url).port, free);
      return Promise.resolve();
    });
  });
});

Deno.test("a database of one's own is used, and keeps its project when the folder changes; a newer one is refused", async () => {
  await withFolder(async (dir) => {
    const server = await startServer({ dir, port: freePort() });
    const sql = postgres(server.url, { max: 1, prepare: false });
    try {
      await withHome(async (_home, env) => {
        const own = { ...env, DATABASE_URL: server.url };
        const id = crypto.randomUUID();
        await withPlatform(own, async (_platform, ready) => {
          assert.deepEqual(
            ready.processes.map(({ name }) => name),
            NAMES.slice(1),
          );
          assert.ok((await makeRun(ready, id)).status < 300);
        });
        assert.equal(
          (await sql`select from assay.runs where id = ${id}`).length,
          1,
        );
        // The same folder on another database: its first key must work there too.
        await withPlatform(env, async (_platform, ready) => {
          assert.equal((await ask(ready, `api/v1/runs/${id}`)).status, 404);
          assert.ok((await makeRun(ready, id)).status < 300);
        });
        await sql`
          insert into supabase_migrations.schema_migrations (version, name, statements)
          values ('29990101000000', 'from_the_future', '{}')`;
        const { code, message } = await failure(own);
        assert.equal(code, 1);
        assert.match(
          String(message),
          /^Cannot use database as its schema is newer than this checkout: .*Update the checkout/,
        );
      });
    } finally {
      await sql.end();
      await server.stop();
    }
  });
});

Deno.test("a database that does not answer: a sentence that names it without its password", async () => {
  await withHome(async (_home, env) => {
    const { code, message } = await failure({
      ...env,
      DATABASE_URL: "postgres://me:secret@127.0.0.1:1/assay",
    });
    assert.equal(code, 1);
    assert.equal(
      message,
      "Cannot start as the database at 127.0.0.1:1 does not answer: start it, or unset DATABASE_URL to use one of our own",
    );
  });
});

Deno.test({
  name:
    "a full disk: a sentence that says so, whether it is full already or fills up",
  ...skipIf(await noMounts()),
  async fn() {
    for (const size of ["400k", "12m"]) {
      await withSmallDisk(size, async (disk) => {
        await Deno.chmod(disk, 0o755);
        const home = join(disk, "home");
        const { code, message } = await failure({
          ...isolated(home),
          XDG_STATE_HOME: join(disk, "state"),
        });
        assert.equal(code, 1);
        assert.match(
          String(message),
          /^Cannot start (database )?as the disk of ".*" is full: free some space and start again$/,
          size,
        );
      });
    }
  },
});
