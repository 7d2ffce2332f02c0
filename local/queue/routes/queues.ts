import { type Context, Hono } from "hono";
import type { QueueDeps } from "../deps.ts";
import { QueueError, quotaExceeded } from "../error.ts";
import { readJson } from "../http.ts";
import { checkName } from "../publish.ts";
import { EVERYTHING } from "../store/filter.ts";
import type { Queue } from "../store/queues.ts";

/** `/queues`: messages that arrive in order. */
export function queueRoutes(deps: QueueDeps): Hono {
  const routes = new Hono();
  const { store, limits, now, wake } = deps;

  routes.post("/", async (c) => {
    const { queueName, parallelism = 1, paused = false } =
      (await readJson(c, limits.messageBytes) ?? {}) as Record<string, unknown>;
    if (typeof queueName !== "string") {
      throw new QueueError(400, "invalid queue: queueName is no text");
    }
    checkName(queueName, "queue name");
    if (!Number.isInteger(parallelism) || parallelism as number < 1) {
      throw new QueueError(400, `invalid parallelism "${parallelism}"`);
    }
    if (parallelism as number > limits.queueParallelism) {
      throw quotaExceeded("maxParallelism", limits.queueParallelism);
    }
    await store.queues.put(
      queueName,
      parallelism as number,
      paused === true,
      limits.queues,
      now(),
    );
    wake();
    return c.body(null, 200);
  });

  routes.get(
    "/",
    async (c) => c.json((await store.queues.list()).map(shown)),
  );

  routes.get("/:name", async (c) => {
    checkName(c.req.param("name"), "queue name");
    const [queue] = await store.queues.list(c.req.param("name"));
    if (!queue) throw notFound(c.req.param("name"));
    return c.json(shown(queue));
  });

  routes.delete("/:name", async (c) => {
    const name = c.req.param("name");
    checkName(name, "queue name");
    const filter = { ...EVERYTHING, values: { queueName: [name] } };
    await store.messages.cancel(filter, null, now());
    await store.queues.remove(name);
    return c.body(null, 200);
  });

  routes.post("/:name/pause", (c) => setPaused(c, c.req.param("name"), true));
  routes.post("/:name/resume", (c) => setPaused(c, c.req.param("name"), false));

  async function setPaused(
    c: Context,
    name: string,
    isPaused: boolean,
  ): Promise<Response> {
    checkName(name, "queue name");
    if (!await store.queues.setPaused(name, isPaused, now())) {
      throw notFound(name);
    }
    wake();
    return c.body(null, 200);
  }

  return routes;
}

function shown(queue: Queue): Record<string, unknown> {
  return {
    name: queue.name,
    createdAt: queue.createdAt.getTime(),
    updatedAt: queue.updatedAt.getTime(),
    parallelism: queue.parallelism,
    lag: queue.lag,
    paused: queue.isPaused,
  };
}

function notFound(name: string): QueueError {
  return new QueueError(404, `queue ${name} not found`);
}
