import { Hono } from "hono";
import { nextRun } from "../cron.ts";
import type { QueueDeps } from "../deps.ts";
import { QueueError } from "../error.ts";
import { callerIp, rawAfter, readBody } from "../http.ts";
import { checkName, draftsOf, readRequest } from "../publish.ts";
import { shownSchedule } from "../show.ts";

/** `/schedules`: messages published again and again. */
export function scheduleRoutes({ store, limits, now }: QueueDeps): Hono {
  const routes = new Hono();
  const { schedules } = store;

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
    await schedules.resume(schedule.id, nextRun(schedule.cron, now()));
    return c.body(null, 200);
  });

  routes.post("/*", async (c) => {
    const request = {
      destination: rawAfter(c.req.url, "/v2/schedules/"),
      queueName: null,
      headers: c.req.raw.headers,
      body: await readBody(c, limits.messageBytes),
      callerIp: callerIp(c),
    };
    const { headers } = request;
    const spec = {
      ...readRequest(request, limits, now()),
      notBeforeMs: null, // a message of a schedule waits only by `Upstash-Delay`
      dedupId: null,
    };
    await draftsOf(spec, request, store.topics, now()); // refuses what could not be published
    const id = headers.get("upstash-schedule-id") ??
      `scd_${crypto.randomUUID().replaceAll("-", "")}`;
    checkName(id, "schedule id");
    const cron = headers.get("upstash-cron")?.trim() ?? "";
    await schedules.put(
      {
        id,
        cron,
        spec,
        nextAt: nextRun(cron, now()),
        callerIp: request.callerIp,
      },
      request.body,
      now(),
    );
    if (spec.queueName !== null) {
      await store.queues.ensure(spec.queueName, limits.queues, now());
    }
    return c.json({ scheduleId: id });
  });

  return routes;
}

function notFound(id: string): QueueError {
  return new QueueError(404, `schedule ${id} not found`);
}
