import assert from "node:assert/strict";
import { Client } from "@upstash/qstash";
import postgres from "postgres";
import { createTestDatabase } from "@testing/postgres.ts";
import { KEYS } from "./testing/world.ts";

/** The process itself, to be killed and started again on one database; started again as well when it ends by itself. */
async function withProcess(
  body: (world: {
    client: Client;
    start(): Promise<void>;
    kill(): Promise<void>;
    /** Ends the database's connections of the process. */
    cut(): Promise<void>;
    sql: postgres.Sql;
  }) => Promise<void>,
) {
  const database = await createTestDatabase();
  const port = freePort();
  const sql = postgres(database.url("assay_queue"), {
    prepare: false,
    max: 1,
    onnotice: () => {},
  });
  let child: Deno.ChildProcess | null = null;
  const spawn = () => {
    const own = child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", new URL("./main.ts", import.meta.url).pathname],
      env: {
        DATABASE_URL: database.url("assay_queue"),
        PORT: String(port),
        QSTASH_TOKEN: "token",
        QSTASH_CURRENT_SIGNING_KEY: KEYS.current,
        QSTASH_NEXT_SIGNING_KEY: KEYS.next,
      },
      stderr: "null",
    }).spawn();
    void own.status.then(() => child === own && spawn());
  };
  const end = async (signal: Deno.Signal) => {
    const own = child;
    child = null;
    own?.kill(signal);
    await own?.status;
  };
  try {
    await body({
      client: new Client({
        baseUrl: `http://127.0.0.1:${port}`,
        token: "token",
        retry: { retries: 600, backoff: () => 50 },
      }),
      sql,
      async start() {
        spawn();
        while (!await isReady(port)) {
          await new Promise((r) => setTimeout(r, 20));
        }
      },
      kill: () => end("SIGKILL"),
      async cut() {
        const admin = postgres(database.url(), { max: 1, onnotice: () => {} });
        const [own] = await sql`select pg_backend_pid() as pid`;
        await admin`
          select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and usename = 'assay_queue' and pid <> ${
          own!.pid
        }`;
        await admin.end();
      },
    });
  } finally {
    await end("SIGTERM");
    await sql.end();
    await database.drop();
  }
}

async function isReady(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/health`)
    .catch(() => null);
  await answer?.body?.cancel();
  return answer?.ok ?? false;
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

Deno.test("what was in flight when the queue was killed is delivered again", async () => {
  const arrivals: string[] = [];
  let onArrival = () => {};
  const target = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      arrivals.push(request.headers.get("upstash-message-id")!);
      onArrival();
      if (arrivals.length === 1) await new Promise(() => {}); // never answers the first
      return new Response("ok");
    },
  );
  const arrived = () => new Promise<void>((resolve) => onArrival = resolve);
  await withProcess(async ({ client, start, kill }) => {
    await start();
    const first = arrived();
    const { messageId } = await client.publish({
      url: `http://127.0.0.1:${target.addr.port}/`,
      body: "x",
    });
    await first;
    await kill();
    const second = arrived();
    await start();
    await second;
    assert.deepEqual(arrivals, [messageId, messageId]);
  });
  void target.shutdown(); // the first request never ends by itself
});

for (const disturbance of ["kill -9", "a cut of its connections"]) {
  Deno.test(`${disturbance} at any moment loses no acknowledged message, no callback and no order`, async () => {
    const arrivals: { id: string; path: string; body: string }[] = [];
    const target = startTarget(arrivals);
    await withProcess(async ({ client, start, kill, cut, sql }) => {
      await start();
      const url = `http://127.0.0.1:${target.addr.port}`;
      const publishing = publishAll(client, url);
      for (let n = 0; n < 5; n++) {
        await new Promise((r) => setTimeout(r, 50 + Math.random() * 150));
        if (disturbance !== "kill -9") await cut();
        else {
          await kill();
          await start();
        }
      }
      const acknowledged = await publishing;
      while (
        (await sql`select 1 from assay_queue.messages where state = 'ACTIVE'`)
          .length > 0
      ) await new Promise((r) => setTimeout(r, 20));

      const arrived = new Set(arrivals.map((a) => a.id));
      for (const [kind, ids] of Object.entries(acknowledged)) {
        assert.ok(ids.length >= 10, `${kind}: ${ids.length} acknowledged`);
        assert.deepEqual(ids.filter((id) => !arrived.has(id)), [], kind);
      }
      const toldOf = new Set(
        arrivals.filter((a) => a.path === "/callback")
          .map((a) => JSON.parse(a.body).sourceMessageId),
      );
      assert.deepEqual(acknowledged.told!.filter((id) => !toldOf.has(id)), []);
      const inQueue = arrivals.filter((a) => a.path === "/queue")
        .map((a) => a.id).filter((id) => acknowledged.queue!.includes(id));
      assert.deepEqual([...new Set(inQueue)], acknowledged.queue);
      const [row] = await sql`
        select count(*)::int as n from assay_queue.messages where state <> 'DELIVERED'`;
      assert.equal(row!.n, 0);
    });
    await target.shutdown();
  });
}

/** Publishes in every way; ids of what was acknowledged, by way. */
async function publishAll(
  client: Client,
  url: string,
): Promise<Record<string, string[]>> {
  const acknowledged: Record<string, string[]> = {};
  const keep = async (kind: string, answer: Promise<unknown>) => {
    const ids = acknowledged[kind] ??= [];
    try {
      const messages = [await answer].flat() as { messageId: string }[];
      ids.push(...messages.map((m) => m.messageId));
    } catch { /* not acknowledged */ }
  };
  for (let i = 0; i < 30; i++) {
    const message = (path: string) => ({
      url: `${url}/${path}`,
      body: `${i}`,
      retryDelay: "20",
    });
    const flowControl = { key: "k", parallelism: 2 };
    const queue = client.queue({ queueName: "q" });
    const callback = `${url}/callback`;
    await keep("plain", client.publish(message("plain")));
    await keep("flaky", client.publish({ ...message("flaky"), flowControl }));
    await keep("queue", queue.enqueue(message("queue")));
    await keep("told", client.publish({ ...message("told"), callback }));
    await keep("batch", client.batch([message("batch"), message("batch")]));
  }
  return acknowledged;
}

/** Notes what arrives; fails the first attempt at `/flaky`. */
function startTarget(arrivals: { id: string; path: string; body: string }[]) {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const body = await request.text();
      const id = request.headers.get("upstash-message-id")!;
      const { pathname: path } = new URL(request.url);
      const isFirst = !arrivals.some((a) => a.id === id);
      arrivals.push({ id, path, body });
      await new Promise((r) => setTimeout(r, 2));
      return new Response("", {
        status: isFirst && path === "/flaky" ? 500 : 200,
      });
    },
  );
}

Deno.test("a schedule whose time came while the queue was down publishes once when it is up", async () => {
  const arrivals: { id: string; path: string; body: string }[] = [];
  const target = startTarget(arrivals);
  await withProcess(async ({ client, start, kill, sql }) => {
    await start();
    await client.schedules.create({
      scheduleId: "s",
      destination: `http://127.0.0.1:${target.addr.port}/hook`,
      cron: "0 0 1 1 *",
    });
    await kill();
    await sql`update assay_queue.schedules set next_at = now() - interval '1 hour'`;
    for (let n = 0; n < 2; n++) {
      await start();
      while (arrivals.length === 0) await new Promise((r) => setTimeout(r, 20));
      await kill();
    }
    const ids = new Set(arrivals.map((a) => a.id));
    assert.equal(ids.size, 1, "one message, however often it arrived");
    const [row] = await sql`
      select next_at > now() as is_ahead from assay_queue.schedules`;
    assert.equal(row!.is_ahead, true);
  });
  await target.shutdown();
});
