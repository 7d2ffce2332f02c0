import { type Context, Hono } from "hono";
import type { QueueDeps } from "../deps.ts";
import { QueueError } from "../error.ts";
import { readCount } from "../http.ts";
import { shownEvent } from "../show.ts";
import type { EventPage } from "../store/events.ts";
import { parseFilter } from "../store/filter.ts";

const STANDARD = 100;
const MOST = 1000;
const STATES: Readonly<Record<string, readonly string[]>> = {
  CREATED: ["CREATED"],
  ACTIVE: ["ACTIVE"],
  RETRY: ["RETRY"],
  ERROR: ["ERROR"],
  DELIVERED: ["DELIVERED"],
  FAILED: ["FAILED"],
  CANCEL_REQUESTED: ["CANCEL_REQUESTED"],
  CANCELLED: ["CANCELLED"],
  CANCELED: ["CANCELLED"], // the client's spelling
  IN_PROGRESS: ["ACTIVE", "RETRY", "ERROR"],
};

/** `/events`, which the client calls, and `/logs`, which the documentation names: what happened to messages. */
export function logRoutes({ store }: QueueDeps): Hono {
  const routes = new Hono();
  for (const name of ["events", "logs"]) {
    routes.get(`/${name}`, async (c) => {
      const { items, cursor } = await store.events.list(readPage(c));
      return c.json({
        [name]: items.map(shownEvent),
        ...cursor !== null && { cursor },
      });
    });
  }
  return routes;
}

function readPage(c: Context): EventPage {
  const query = new URL(c.req.url).searchParams;
  const state = query.get("state");
  if (state !== null && !Object.hasOwn(STATES, state)) {
    throw new QueueError(400, `invalid state "${state}"`);
  }
  return {
    filter: parseFilter(query, [], ["state", "cursor", "count"]),
    states: state === null ? null : STATES[state]!,
    cursor: readCursor(query.get("cursor") || null),
    count: readCount(query.get("count") ?? undefined, STANDARD, MOST),
  };
}

/** An earlier page's, or any time: the client's documentation starts with the clock. */
function readCursor(text: string | null): EventPage["cursor"] {
  if (text === null) return null;
  const match = /^(\d{1,15})(?:-(\d{1,18}))?$/.exec(text);
  if (!match) throw new QueueError(400, `invalid cursor "${text}"`);
  return { ms: Number(match[1]), id: match[2] ?? null };
}
