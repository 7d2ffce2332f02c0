import { type Context, Hono } from "hono";
import type { QueueDeps } from "../deps.ts";
import { QueueError } from "../error.ts";
import { readCount } from "../http.ts";
import { type Draft, dueMs, type Message } from "../message.ts";
import { readSpec } from "../read_spec.ts";
import { shownDeadLetter } from "../show.ts";
import type { DeadLetterPage } from "../store/dead_letters.ts";
import { EVERYTHING, parseFilter } from "../store/filter.ts";

const MOST = 100;
const REFUSED = ["host", "path", "messageIds"];

/** `/dlq`: messages that have failed for good. */
export function dlqRoutes({ store, limits, now, wake }: QueueDeps): Hono {
  const routes = new Hono();
  const { deadLetters } = store;

  routes.get("/", async (c) => {
    const { items, cursor } = await deadLetters.list(readPage(c));
    return c.json({
      messages: items.map(shownDeadLetter),
      ...cursor !== null && { cursor },
    });
  });

  routes.delete("/", async (c) => {
    const { items, cursor } = await deadLetters.remove(readPage(c));
    return c.json({
      deleted: items.length,
      ...cursor !== null && { cursor },
    });
  });

  routes.post("/retry", async (c) => {
    const nowMs = now();
    const { items, cursor } = await deadLetters.retry(
      readPage(c),
      draftOf(c, nowMs),
      nowMs,
    );
    wake();
    return c.json({
      cursor: cursor ?? "",
      responses: items.map(({ id }) => ({ messageId: id })),
    }, 201);
  });

  routes.post("/retry/:id", async (c) => {
    const nowMs = now();
    const { items } = await deadLetters.retry(
      only(c.req.param("id")),
      draftOf(c, nowMs),
      nowMs,
    );
    if (items.length === 0) throw notFound(c.req.param("id"));
    wake();
    return c.json({ messageId: items[0]!.id }, 201);
  });

  routes.get("/:id", async (c) => {
    const { items } = await deadLetters.list(only(c.req.param("id")));
    if (items.length === 0) throw notFound(c.req.param("id"));
    return c.json(shownDeadLetter(items[0]!));
  });

  routes.delete("/:id", async (c) => {
    const { items } = await deadLetters.remove(only(c.req.param("id")));
    if (items.length === 0) throw notFound(c.req.param("id"));
    return c.body(null, 200);
  });

  /** The same message again, with whatever the headers of the retry say otherwise. */
  function draftOf(c: Context, nowMs: number): (message: Message) => Draft {
    const headers = new Headers(c.req.raw.headers);
    headers.delete("content-type"); // of the retry's own, empty body
    return (message) => {
      const spec = readSpec(message.spec, headers, limits, nowMs);
      return {
        spec,
        url: spec.destination,
        body: message.body,
        notBeforeMs: dueMs(spec, nowMs),
        callerIp: message.callerIp,
        topicName: message.topicName ?? undefined,
        endpointName: message.endpointName ?? undefined,
        scheduleId: message.scheduleId ?? undefined,
      };
    };
  }

  return routes;
}

function readPage(c: Context): DeadLetterPage {
  const query = new URL(c.req.url).searchParams;
  const dlqIds = query.getAll("dlqIds").flatMap((ids) => ids.split(","));
  const cursor = query.get("cursor") || null;
  if (cursor !== null && !/^\d{1,15}-\d{1,18}$/.test(cursor)) {
    throw new QueueError(400, `invalid cursor "${cursor}"`);
  }
  return {
    dlqIds: dlqIds.length > 0 ? dlqIds : null,
    filter: parseFilter(query, REFUSED, ["dlqIds", "cursor", "count"]),
    cursor,
    count: readCount(query.get("count") ?? undefined, MOST, MOST),
  };
}

function only(id: string): DeadLetterPage {
  return { dlqIds: [id], filter: EVERYTHING, cursor: null, count: 1 };
}

function notFound(id: string): QueueError {
  return new QueueError(404, `message ${id} not found in the DLQ`);
}
