import { Client } from "@upstash/qstash";
import postgres from "postgres";
import { createTestDatabase } from "@testing/postgres.ts";
import { createQueueApp } from "../app.ts";
import { Deliverer } from "../deliverer.ts";
import { type Limits, PLANS } from "../limits.ts";
import { QueueStore } from "../store/mod.ts";

/** Signing keys of tests. */
export const KEYS = { current: "sig_current", next: "sig_next" };

/** Something the destination got. */
export interface Received {
  /** Its headers. */
  readonly headers: Headers;
  /** Its body, as text. */
  readonly body: string;
  /** Its URL. */
  readonly url: string;
  /** Its method. */
  readonly method: string;
}

/** A queue with a clock we move, the real client, and a destination that answers what the test says. */
export interface World {
  /** The unmodified client. */
  readonly client: Client;
  /** Where the API listens. */
  readonly baseUrl: string;
  /** A destination; what is added to its end arrives as well. */
  readonly url: string;
  /** The rows. */
  readonly store: QueueStore;
  /** Answers to give next, in order; then 200. */
  readonly answers: ((request: Received) => Response | Promise<Response>)[];
  /** What arrived, in order. */
  readonly received: Received[];
  /** Most requests the destination had at once. */
  mostAtOnce(): number;
  /** Waits until `n` requests have arrived. */
  arrival(n: number): Promise<void>;
  /** Waits until the destination got a request that fits. */
  arrivalOf(fits: (request: Received) => boolean): Promise<Received>;
  /** Moves the clock. */
  forward(ms: number): void;
  /** The clock. */
  now(): number;
  /** Waits until nothing is in flight. */
  settled(): Promise<void>;
  /** Waits until nothing is in flight nor due. */
  idle(): Promise<void>;
  /** Calls the API as the client does. */
  call(
    method: string,
    path: string,
    init?: { headers?: Record<string, string>; body?: string },
  ): Promise<{ status: number; json: Record<string, unknown> }>;
}

/**
 * Runs a test on a queue of its own.
 *
 * @param body The test.
 * @param limits Default those of the free plan.
 * @param parallelism Most deliveries at once.
 */
export async function withQueue(
  body: (world: World) => Promise<void>,
  limits: Limits = PLANS.free,
  parallelism = 32,
): Promise<void> {
  const database = await createTestDatabase();
  const sql = postgres(database.url("assay_queue"), {
    prepare: false,
    onnotice: () => {},
  });
  const store = new QueueStore(sql);
  let offset = 0;
  const now = () => Date.now() + offset;
  await store.prepare(KEYS, now());
  const common = { store, limits, parallelism, now, warn: () => {} };
  const deliverer = new Deliverer({ ...common, pollMs: 20 });
  const app = createQueueApp({
    ...common,
    token: "token",
    wake: () => deliverer.wake(),
  });
  const target = startTarget();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    app.fetch,
  );
  const baseUrl = `http://127.0.0.1:${server.addr.port}`;
  const running = deliverer.run();
  const waitUntil = async (isSo: () => Promise<boolean>) => {
    while (!await isSo()) await new Promise((r) => setTimeout(r, 10));
  };
  try {
    await body({
      ...target,
      client: new Client({ baseUrl, token: "token", enableTelemetry: false }),
      baseUrl,
      store,
      now,
      forward(ms) {
        offset += ms;
        deliverer.wake();
      },
      settled: () =>
        waitUntil(async () =>
          (await sql`select 1 from assay_queue.messages where in_flight`)
            .length === 0
        ),
      idle: () =>
        waitUntil(async () =>
          (await sql`
            select 1 from assay_queue.messages
            where in_flight or (state = 'ACTIVE' and not_before <= ${new Date(
            now(),
          )})`).length === 0
        ),
      async call(method, path, init = {}) {
        const response = await fetch(baseUrl + path, {
          method,
          ...init,
          headers: { authorization: "Bearer token", ...init.headers },
        });
        const text = await response.text();
        return {
          status: response.status,
          json: text === "" ? {} : JSON.parse(text),
        };
      },
    });
  } finally {
    deliverer.stop();
    await running;
    await Promise.all([server.shutdown(), target.close()]);
    await sql.end();
    await database.drop();
  }
}

function startTarget() {
  const received: Received[] = [];
  const answers: World["answers"] = [];
  const busy = { now: 0, most: 0 };
  let arrived = () => {};
  let nextArrival = new Promise<void>((resolve) => arrived = resolve);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      busy.most = Math.max(busy.most, ++busy.now);
      const got = {
        headers: request.headers,
        body: await request.text(),
        url: request.url,
        method: request.method,
      };
      const answer = answers.shift();
      received.push(got);
      await new Promise((r) => setTimeout(r, 5));
      arrived();
      nextArrival = new Promise((resolve) => arrived = resolve);
      try {
        return await answer?.(got) ?? new Response("ok");
      } finally {
        busy.now--;
      }
    },
  );
  return {
    received,
    answers,
    url: `http://127.0.0.1:${server.addr.port}/hook?a=1`,
    mostAtOnce: () => busy.most,
    async arrival(n: number) {
      while (received.length < n) await nextArrival;
    },
    async arrivalOf(fits: (request: Received) => boolean): Promise<Received> {
      while (true) {
        const found = received.find(fits);
        if (found) return found;
        await nextArrival;
      }
    },
    close: () => server.shutdown(),
  };
}
