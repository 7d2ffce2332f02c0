import assert from "node:assert/strict";
import { Client } from "@upstash/qstash";
import postgres from "postgres";
import { createTestDatabase } from "@testing/postgres.ts";
import { KEYS } from "./testing/world.ts";

/** The process itself, to be killed and started again on one database. */
async function withProcess(
  body: (world: {
    client: Client;
    start(): Promise<void>;
    kill(): Promise<void>;
    sql: postgres.Sql;
  }) => Promise<void>,
) {
  const database = await createTestDatabase();
  const port = freePort();
  const sql = postgres(database.url("assay_queue"), {
    prepare: false,
    onnotice: () => {},
  });
  let child: Deno.ChildProcess | null = null;
  const end = async (signal: Deno.Signal) => {
    child?.kill(signal);
    await child?.status;
    child = null;
  };
  try {
    await body({
      client: new Client({
        baseUrl: `http://127.0.0.1:${port}`,
        token: "token",
      }),
      sql,
      async start() {
        child = new Deno.Command(Deno.execPath(), {
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
        while (!await isReady(port)) {
          await new Promise((r) => setTimeout(r, 20));
        }
      },
      kill: () => end("SIGKILL"),
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

Deno.test("kill -9 at any moment loses no acknowledged message, no callback and no order", async () => {
  const arrivals: { id: string; path: string; body: string }[] = [];
  const target = Deno.serve(
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
  const url = `http://127.0.0.1:${target.addr.port}`;
  await withProcess(async ({ client, start, kill, sql }) => {
    await start();
    const acknowledged: Record<string, string[]> = {
      plain: [],
      flaky: [],
      queue: [],
      told: [],
      batch: [],
    };
    let isOver = false;
    const publishing = (async () => {
      for (let i = 0; i < 30; i++) {
        const message = { body: `${i}`, retryDelay: "20" };
        const keep = (kind: string, answer: { messageId: string }) =>
          acknowledged[kind]!.push(answer.messageId);
        keep(
          "plain",
          await client.publish({ ...message, url: `${url}/plain` }),
        );
        keep(
          "flaky",
          await client.publish({
            ...message,
            url: `${url}/flaky`,
            flowControl: { key: "k", parallelism: 2 },
          }),
        );
        keep(
          "queue",
          await client.queue({ queueName: "q" })
            .enqueue({ ...message, url: `${url}/queue` }),
        );
        keep(
          "told",
          await client.publish({
            ...message,
            url: `${url}/told`,
            callback: `${url}/callback`,
          }),
        );
        const both = await client.batch([
          { ...message, url: `${url}/batch` },
          { ...message, url: `${url}/batch` },
        ]) as { messageId: string }[];
        for (const answer of both) keep("batch", answer);
      }
      isOver = true;
    })();
    let kills = 0;
    while (!isOver || kills < 5) {
      await new Promise((r) => setTimeout(r, 50 + Math.random() * 150));
      await kill();
      kills++;
      await start();
    }
    await publishing;
    while (
      (await sql`select 1 from assay_queue.messages where state = 'ACTIVE'`)
        .length > 0
    ) await new Promise((r) => setTimeout(r, 20));

    const arrived = new Set(arrivals.map((a) => a.id));
    for (const [kind, ids] of Object.entries(acknowledged)) {
      assert.equal(new Set(ids).size, kind === "batch" ? 60 : 30);
      assert.deepEqual(ids.filter((id) => !arrived.has(id)), [], kind);
    }
    const toldOf = new Set(
      arrivals.filter((a) => a.path === "/callback")
        .map((a) => JSON.parse(a.body).sourceMessageId),
    );
    assert.deepEqual(acknowledged.told!.filter((id) => !toldOf.has(id)), []);
    const inQueue = [
      ...new Set(arrivals.filter((a) => a.path === "/queue").map((a) => a.id)),
    ].filter((id) => acknowledged.queue!.includes(id));
    assert.deepEqual(inQueue, acknowledged.queue);
    const [row] = await sql`
      select count(*)::int as n from assay_queue.messages where state <> 'DELIVERED'`;
    assert.equal(row!.n, 0);
  });
  await target.shutdown();
});
