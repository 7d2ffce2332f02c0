import { timingSafeEqual } from "node:crypto";
import { type Context, Hono } from "hono";
import { Cron } from "croner";
import { QueueError } from "./error.ts";
import { parseMessage } from "./message.ts";
import { evaluate } from "./retry_delay.ts";
import type { Message, QueueStore } from "./store.ts";

/** What the API reaches outside itself. */
export interface QueueDeps {
  /** The messages. */
  readonly store: QueueStore;
  /** Bearer token of callers. */
  readonly token: string;
  /** Both signing keys, as `GET /v2/keys` shows them. */
  readonly keys: { readonly current: string; readonly next: string };
  /** Called when there is something new to deliver. */
  readonly wake: () => void;
  /** The clock, milliseconds since 1970. */
  readonly now: () => number;
}

const MOST_BYTES = 1_048_576; // the free plan's largest message

/** Builds the API. The routes are QStash's; what is missing answers 404 or 400 with a sentence. */
export function createQueueApp(deps: QueueDeps): Hono {
  const app = new Hono();
  const { store } = deps;

  app.onError((error, c) => {
    if (error instanceof QueueError) {
      return c.json({ error: error.message }, error.status);
    }
    return c.json({ error: "internal error" }, 500);
  });
  app.notFound((c) => c.json({ error: "not found" }, 404));

  app.get("/health", async (c) => {
    await store.ping();
    return c.json({ status: "ok" });
  });

  app.use("/v2/*", async (c, next) => {
    if (!isToken(c.req.header("authorization"), deps.token)) {
      throw new QueueError(401, "unauthorized");
    }
    await next();
  });

  app.get("/v2/keys", (c) => c.json(deps.keys));

  app.post("/v2/publish/*", async (c) => {
    const body = await readBody(c);
    const answer = await publish(
      deps,
      destination(c.req.url, "/v2/publish/"),
      c.req.raw.headers,
      body,
    );
    deps.wake();
    return c.json(answer, answer.deduplicated ? 202 : 200);
  });

  app.post("/v2/batch", async (c) => {
    const entries = await c.req.json().catch(() => null) as
      | {
        destination: string;
        headers?: Record<string, string>;
        body?: string;
      }[]
      | null;
    if (!Array.isArray(entries)) {
      throw new QueueError(400, "batch: body is no array");
    }
    const answers = [];
    for (const entry of entries) {
      answers.push(
        await publish(
          deps,
          entry.destination,
          new Headers(entry.headers ?? {}),
          new TextEncoder().encode(entry.body ?? ""),
        ),
      );
    }
    deps.wake();
    return c.json(answers);
  });

  app.get("/v2/messages/:id", async (c) => {
    const message = await store.get(c.req.param("id"));
    if (!message || message.state !== "ACTIVE") {
      throw new QueueError(404, `message ${c.req.param("id")} not found`);
    }
    return c.json(shown(message));
  });
  app.delete("/v2/messages/:id", async (c) => {
    if (!await store.cancel(c.req.param("id"), deps.now())) {
      throw new QueueError(404, `message ${c.req.param("id")} not found`);
    }
    return c.json({ cancelled: 1 });
  });

  app.post("/v2/schedules/*", async (c) => {
    const body = await readBody(c);
    const { headers } = c.req.raw;
    const cron = headers.get("upstash-cron") ?? "";
    const now = deps.now();
    const spec = parseMessage(
      destination(c.req.url, "/v2/schedules/"),
      headers,
      now,
    );
    const scheduleId = headers.get("upstash-schedule-id") ??
      `scd_${crypto.randomUUID().replaceAll("-", "")}`;
    await store.putSchedule(
      scheduleId,
      cron,
      spec,
      body,
      nextRun(cron, now),
      now,
    );
    return c.json({ scheduleId });
  });
  app.get(
    "/v2/schedules",
    async (c) =>
      c.json((await store.schedules()).map(({ id, cron, url, createdAt }) => ({
        scheduleId: id,
        cron,
        destination: url,
        createdAt: createdAt.getTime(),
      }))),
  );
  app.delete("/v2/schedules/:id", async (c) => {
    if (!await store.removeSchedule(c.req.param("id"))) {
      throw new QueueError(404, `schedule ${c.req.param("id")} not found`);
    }
    return c.body(null, 200);
  });

  app.get("/v2/dlq", async (c) =>
    c.json({
      messages: (await store.deadLetters(100)).map((message) => ({
        ...shown(message),
        dlqId: message.id,
        responseStatus: message.lastStatus,
      })),
    }));
  app.delete("/v2/dlq/:id", async (c) => {
    if (!await store.removeDeadLetter(c.req.param("id"))) {
      throw new QueueError(404, `message ${c.req.param("id")} not found`);
    }
    return c.body(null, 200);
  });
  return app;
}

async function publish(
  { store, now }: QueueDeps,
  url: string,
  headers: Headers,
  body: Uint8Array,
): Promise<{ messageId: string; deduplicated?: true }> {
  if (headers.get("upstash-content-based-deduplication") === "true") {
    headers = new Headers(headers);
    const hash = await crypto.subtle.digest(
      "SHA-256",
      await new Blob([url, "\0", body as Uint8Array<ArrayBuffer>])
        .arrayBuffer(),
    );
    headers.set(
      "upstash-deduplication-id",
      `content-${new Uint8Array(hash).toHex()}`,
    );
  }
  const spec = parseMessage(url, headers, now());
  if (spec.retryDelay !== null) {
    try {
      evaluate(spec.retryDelay, 0);
    } catch (error) {
      throw new QueueError(400, (error as Error).message);
    }
  }
  const { id, deduplicated } = await store.add(spec, body, now());
  return deduplicated
    ? { messageId: id, deduplicated: true }
    : { messageId: id };
}

function nextRun(cron: string, nowMs: number): Date {
  try {
    const next = new Cron(cron, { timezone: "UTC" }).nextRun(new Date(nowMs));
    if (next) return next;
  } catch { /* said below */ }
  throw new QueueError(400, `invalid cron "${cron}"`);
}

/** The destination stands raw in the URL: its query is its own, and `//` survives. */
function destination(url: string, prefix: string): string {
  return url.slice(url.indexOf(prefix) + prefix.length);
}

async function readBody(c: Context): Promise<Uint8Array> {
  const body = await c.req.bytes();
  if (body.length > MOST_BYTES) {
    throw new QueueError(
      400,
      `message too large: ${body.length} bytes, at most ${MOST_BYTES}`,
    );
  }
  return body;
}

function isToken(header: string | undefined, token: string): boolean {
  const given = new TextEncoder().encode(header ?? "");
  const wanted = new TextEncoder().encode(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function shown(message: Message): Record<string, unknown> {
  return {
    messageId: message.id,
    url: message.url,
    method: message.method,
    header: Object.fromEntries(
      Object.entries(message.headers).map(([name, value]) => [name, [value]]),
    ),
    body: new TextDecoder().decode(message.body),
    maxRetries: message.retries,
    retried: message.retried,
    notBefore: message.notBefore.getTime(),
    createdAt: message.createdAt.getTime(),
    ...message.scheduleId && { scheduleId: message.scheduleId },
    ...message.flowKey && { flowControlKey: message.flowKey },
  };
}
