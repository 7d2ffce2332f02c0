import { Hono } from "hono";
import { nextRun } from "../cron.ts";
import type { QueueDeps } from "../deps.ts";
import { QueueError } from "../error.ts";
import { callerIp, rawAfter, readBody } from "../http.ts";
import { createSchedule } from "../schedule.ts";
import { shownSchedule } from "../show.ts";

/** `/schedules`: messages published again and again. */
export function scheduleRoutes(deps: QueueDeps): Hono {
  const routes = new Hono();
  const { schedules } = deps.store;

  routes.get(
    "/",
    async (c) => c.json((await schedules.list()).map(shownSchedule)),
  );

  routes.get("/:id", async (c) => {
    const [schedule] = await schedules.list(c.req.param("id"));
    if (!schedule) throw notFound(c.req.param("id"));
    return c.json(shownSchedule(schedule));
  });

  routes.delete("/:id", async (c) => {
    if (!await schedules.remove(c.req.param("id"))) {
      throw notFound(c.req.param("id"));
    }
    return c.body(null, 200);
  });

  // The client sends PATCH, the documentation says POST.
  routes.on(["PATCH", "POST"], "/:id/pause", async (c) => {
    if (!await schedules.pause(c.req.param("id"))) {
      throw notFound(c.req.param("id"));
    }
    return c.body(null, 200);
  });
  routes.on(["PATCH", "POST"], "/:id/resume", async (c) => {
    const [schedule] = await schedules.list(c.req.param("id"));
    if (!schedule) throw notFound(c.req.param("id"));
    await schedules.resume(schedule.id, nextRun(schedule.cron, deps.now()));
    return c.body(null, 200);
  });

  routes.post("/*", async (c) =>
    c.json({
      scheduleId: await createSchedule(deps, {
        destination: rawAfter(c.req.url, "/v2/schedules/"),
        queueName: null,
        headers: c.req.raw.headers,
        body: await readBody(c, deps.limits.messageBytes),
        callerIp: callerIp(c),
      }),
    }));

  return routes;
}

function notFound(id: string): QueueError {
  return new QueueError(404, `schedule ${id} not found`);
}
