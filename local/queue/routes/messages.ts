import { Hono } from "hono";
import type { QueueDeps } from "../deps.ts";
import { QueueError } from "../error.ts";
import { readCount } from "../http.ts";
import { shownMessage } from "../show.ts";
import { EVERYTHING, type Filter, parseFilter } from "../store/filter.ts";

const MOST = 500;

/** `/messages`: those that have not ended. */
export function messageRoutes({ store, now, wake }: QueueDeps): Hono {
  const routes = new Hono();

  routes.get("/:id", async (c) => {
    const message = await store.messages.get(c.req.param("id"));
    if (message?.state !== "ACTIVE") throw notFound(c.req.param("id"));
    return c.json(shownMessage(message));
  });

  routes.delete("/:id", async (c) => {
    const filter = only(c.req.param("id"));
    const cancelled = await store.messages.cancel(filter, null, now());
    if (cancelled === 0) throw notFound(c.req.param("id"));
    wake(); // the next of its queue may go
    return c.json({ cancelled });
  });

  routes.delete("/", async (c) => {
    const { values, ...dates } = parseFilter(
      new URL(c.req.url).searchParams,
      ["responseStatus"],
      ["count", "cursor"],
    );
    const filter = values.messageIds
      ? { ...EVERYTHING, values: { messageIds: values.messageIds } }
      : { values, ...dates };
    const most = readCount(c.req.query("count"), null, MOST);
    const cancelled = await store.messages.cancel(filter, most, now());
    wake();
    return c.json({ cancelled });
  });

  return routes;
}

function only(id: string): Filter {
  return { ...EVERYTHING, values: { messageId: [id] } };
}

function notFound(id: string): QueueError {
  return new QueueError(404, `message ${id} not found`);
}
