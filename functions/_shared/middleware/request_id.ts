import type { MiddlewareHandler } from "hono";
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
      path: c.req.path,
      status: c.res.status,
      ms: Math.round(performance.now() - startedAt),
    });
  };
}
