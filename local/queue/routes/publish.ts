import { type Context, Hono } from "hono";
import type { QueueDeps } from "../deps.ts";
import { QueueError } from "../error.ts";
import { callerIp, rawAfter, readBody, readJson } from "../http.ts";
import type { Draft, MessageSpec } from "../message.ts";
import {
  answerOf,
  draftsOf,
  type PublishAnswer,
  type PublishRequest,
  readRequest,
} from "../publish.ts";
import { createSchedule } from "../schedule.ts";

const BATCH_BODIES = 10; // of the largest size that a batch may have

/** `/publish`, `/enqueue`, `/batch`: new messages. */
export function publishRoutes(deps: QueueDeps): Hono {
  const routes = new Hono();

  routes.post("/publish/*", async (c) => {
    const destination = rawAfter(c.req.url, "/v2/publish/");
    return await publishOne(deps, c, destination, null);
  });

  routes.post("/enqueue/:queue/*", async (c) => {
    const [queue = "", ...rest] = rawAfter(c.req.url, "/v2/enqueue/").split(
      "/",
    );
    return await publishOne(deps, c, rest.join("/"), queue);
  });

  routes.post("/batch", async (c) => {
    const entries = await readJson(
      c,
      deps.limits.messageBytes * BATCH_BODIES,
    );
    if (!Array.isArray(entries)) {
      throw new QueueError(400, "invalid batch: the body is no JSON array");
    }
    const nowMs = deps.now();
    const read: (QueueError | Planned)[] = [];
    for (const entry of entries) {
      read.push(
        await plan(deps, nowMs, () => readEntry(entry, callerIp(c))).catch(
          (error: unknown) => {
            if (error instanceof QueueError) return error;
            throw error;
          },
        ),
      );
    }
    const planned = read.filter((one): one is Planned =>
      !(one instanceof QueueError)
    );
    const kept = await deps.store.messages.add(
      planned.flatMap(({ drafts }) => drafts),
      nowMs,
    );
    deps.wake();
    const answers = read.map((one): PublishAnswer | { error: string } =>
      one instanceof QueueError
        ? { error: one.message }
        : answerOf(one.spec, kept.splice(0, one.drafts.length))
    );
    return c.json(answers);
  });

  return routes;
}

interface Planned {
  readonly spec: MessageSpec;
  readonly drafts: Draft[];
}

async function publishOne(
  deps: QueueDeps,
  c: Context,
  destination: string,
  queueName: string | null,
): Promise<Response> {
  const request: PublishRequest = {
    destination,
    queueName,
    headers: c.req.raw.headers,
    body: await readBody(c, deps.limits.messageBytes),
    callerIp: callerIp(c),
  };
  if (request.headers.has("upstash-cron")) { // as the documentation also has it
    return c.json({ scheduleId: await createSchedule(deps, request) });
  }
  const nowMs = deps.now();
  const { spec, drafts } = await plan(deps, nowMs, () => request);
  const kept = await deps.store.messages.add(drafts, nowMs);
  deps.wake();
  await deps.reached?.("message_kept", spec.destination);
  const areOld = kept.length > 0 && kept.every((one) => one.isDuplicate);
  return c.json(answerOf(spec, kept), areOld ? 202 : 200);
}

async function plan(
  { store, limits }: QueueDeps,
  nowMs: number,
  read: () => PublishRequest,
): Promise<Planned> {
  const request = read();
  const spec = readRequest(request, limits, nowMs);
  const drafts = await draftsOf(spec, request, store.topics, nowMs);
  if (spec.queueName !== null) {
    await store.queues.ensure(spec.queueName, limits.queues, nowMs);
  }
  return { spec, drafts };
}

function readEntry(entry: unknown, callerIp: string | null): PublishRequest {
  const { destination, queue, headers, body } = (entry ?? {}) as Record<
    string,
    unknown
  >;
  if (typeof destination !== "string") {
    throw new QueueError(400, "invalid batch entry: destination is no text");
  }
  if (body !== undefined && typeof body !== "string") {
    throw new QueueError(400, "invalid batch entry: body is no text");
  }
  if (queue !== undefined && typeof queue !== "string") {
    throw new QueueError(400, "invalid batch entry: queue is no text");
  }
  try {
    return {
      destination,
      queueName: queue ?? null,
      headers: new Headers((headers ?? {}) as Record<string, string>),
      body: new TextEncoder().encode(body ?? ""),
      callerIp,
    };
  } catch {
    throw new QueueError(400, "invalid batch entry: headers are no headers");
  }
}
