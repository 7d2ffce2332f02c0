import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { isUuid } from "@shared/schemas/run.ts";
import type { Logger } from "../log.ts";
import type { EdgeEnv } from "./env.ts";

const REQUEST_ID_REGEXP = /^[\w.-]{1,100}$/;

/** Names the request, by the caller's `X-Request-Id` if it is sane, and writes one line when it is answered. */
export function requestId(log: Logger): MiddlewareHandler<EdgeEnv> {
  return async (c, next) => {
    const given = c.req.header("x-request-id") ?? "";
    const id = REQUEST_ID_REGEXP.test(given) ? given : crypto.randomUUID();
    c.set("requestId", id);
    c.set("log", log.with({ request_id: id }));
    const startedAt = performance.now();
    await next();
    c.header("X-Request-Id", id);
    c.var.log.info("request", {
      method: c.req.method,
      path: shownPath(c),
      status: c.res.status,
      ms: Math.round(performance.now() - startedAt),
    });
  };
}

/** The path with what a route takes from it left out, but ids of ours: a sample's id can name a person, and some put tokens there. */
function shownPath(c: Context): string {
  const route = matchedRoutes(c).findLast(({ method }) => method !== "ALL");
  const names = route?.path.split("/") ?? [];
  const values = c.req.path.split("/");
  return values.map((value, i) => {
    const isOurs = isUuid(value) || value === names[i] ||
      (!route && /^[a-z_]{0,20}$/.test(value));
    return isOurs ? value : names[i] ?? "…";
  }).join("/");
}
