import { timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import type { QueueDeps } from "./deps.ts";
import { QueueError } from "./error.ts";
import { dlqRoutes } from "./routes/dlq.ts";
import { flowControlRoutes } from "./routes/flow_control.ts";
import { keyRoutes } from "./routes/keys.ts";
import { logRoutes } from "./routes/logs.ts";
import { messageRoutes } from "./routes/messages.ts";
import { publishRoutes } from "./routes/publish.ts";
import { queueRoutes } from "./routes/queues.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { topicRoutes } from "./routes/topics.ts";

/** Builds the API. The routes are QStash's; errors are its too: `{ "error": sentence }`. */
export function createQueueApp(deps: QueueDeps): Hono {
  const app = new Hono();

  app.onError((error, c) => {
    if (error instanceof QueueError) {
      return c.json({ error: error.message }, error.status);
    }
    deps.warn("Cannot answer a request", {
      path: new URL(c.req.url).pathname.split("/", 3).join("/"),
      error: `${error}`,
    });
    return c.json({ error: "internal error" }, 500);
  });
  app.notFound((c) => c.json({ error: "not found" }, 404));

  app.get("/health", async (c) => {
    await deps.store.ping();
    return c.json({ status: "ok" });
  });

  app.use("/v2/*", async (c, next) => {
    const given = c.req.header("authorization") ??
      `Bearer ${c.req.query("qstash_token") ?? ""}`;
    if (!isToken(given, deps.token)) throw new QueueError(401, "unauthorized");
    await next();
  });

  app.route("/v2", publishRoutes(deps));
  app.route("/v2/messages", messageRoutes(deps));
  app.route("/v2/dlq", dlqRoutes(deps));
  app.route("/v2", logRoutes(deps));
  app.route("/v2/queues", queueRoutes(deps));
  app.route("/v2/topics", topicRoutes(deps));
  app.route("/v2/schedules", scheduleRoutes(deps));
  app.route("/v2", flowControlRoutes(deps));
  app.route("/v2/keys", keyRoutes(deps));
  return app;
}

function isToken(header: string, token: string): boolean {
  const given = new TextEncoder().encode(header);
  const wanted = new TextEncoder().encode(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
