import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { AppError } from "@shared/errors.ts";
import { openApiText } from "@shared/openapi/document.ts";
import type { Logger } from "../log.ts";
import { accessControl, type AccessDeps } from "./access.ts";
import type { EdgeEnv } from "./env.ts";
import { errorResponse } from "./error_response.ts";
import { notFound } from "./not_found.ts";
import { requestId } from "./request_id.ts";

/** What every edge function reaches outside itself. */
export interface StackDeps extends AccessDeps {
  readonly log: Logger;
  /** Origins whose pages may call; empty: none but the page's own. */
  readonly allowedOrigins: readonly string[];
  /** Throws `upstream_unavailable` unless database and Storage answer. */
  readonly ready: () => Promise<void>;
}

/** How one function differs. */
export interface StackOptions {
  /** Slug, the first part of every path. */
  readonly slug: string;
  /** Routes whose project the body decides; they call `c.var.access.require`. */
  readonly decidedByBody: readonly string[];
  /** Path endings whose body is streamed, and so not limited here. */
  readonly streamed?: RegExp;
}

const MAX_JSON_BYTES = 1_048_576;

/** An app with health, readiness and what stands before every handler. */
export function createStack(
  deps: StackDeps,
  { slug, decidedByBody, streamed }: StackOptions,
): Hono<EdgeEnv> {
  const app = new Hono<EdgeEnv>();
  app.onError(errorResponse);
  app.notFound(notFound(app));

  app.use(requestId(deps.log));
  app.use(cors({
    origin: (origin) => deps.allowedOrigins.includes(origin) ? origin : null,
    allowMethods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
    allowHeaders: [
      "Authorization",
      "Content-Encoding",
      "Content-Type",
      "Idempotency-Key",
      "X-Request-Id",
    ],
    exposeHeaders: ["X-Request-Id", "Retry-After", "ETag"],
    maxAge: 600,
  }));
  app.use(accessControl(deps, decidedByBody));
  const limit = bodyLimit({
    maxSize: MAX_JSON_BYTES,
    onError: () => {
      throw new AppError(
        "too_large",
        `Cannot take body: it may have at most ${MAX_JSON_BYTES} bytes`,
      );
    },
  });
  app.use((c, next) => streamed?.test(c.req.path) ? next() : limit(c, next));

  const routes = app.basePath(`/${slug}/v1`);
  routes.get("/health", (c) => c.json({ status: "ok" }));
  routes.get("/ready", async (c) => {
    await deps.ready();
    return c.json({ status: "ready" });
  });
  routes.get("/openapi.json", (c) =>
    c.body(openApiText(), 200, {
      "Content-Type": "application/json",
      "Cache-Control": "public, max-age=300",
    }));
  return routes;
}
