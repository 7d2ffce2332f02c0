import { Hono } from "hono";
import type { QueueDeps } from "../deps.ts";
import { QueueError } from "../error.ts";
import type { FlowControl } from "../store/flow_controls.ts";

/** `/flowControl` and `/globalParallelism`: how many messages may be in flight. */
export function flowControlRoutes(deps: QueueDeps): Hono {
  const routes = new Hono();
  const { now, wake, parallelism } = deps;
  const { flowControls } = deps.store;

  routes.get("/globalParallelism", async (c) =>
    c.json({
      parallelismMax: parallelism,
      parallelismCount: await flowControls.countInFlight(),
    }));

  routes.get(
    "/flowControl",
    async (c) => c.json((await flowControls.list(now())).map(shown)),
  );

  routes.get("/flowControl/:key", async (c) => {
    const [control] = await flowControls.list(now(), c.req.param("key"));
    if (!control) {
      throw new QueueError(
        404,
        `flow control key ${c.req.param("key")} not found`,
      );
    }
    return c.json(shown(control));
  });

  routes.post("/flowControl/:key/pause", async (c) => {
    await flowControls.setPaused(c.req.param("key"), true, now());
    return c.body(null, 200);
  });

  routes.post("/flowControl/:key/resume", async (c) => {
    await flowControls.setPaused(c.req.param("key"), false, now());
    wake();
    return c.body(null, 200);
  });

  routes.post("/flowControl/:key/pin", async (c) => {
    const pin = {
      parallelism: positive("parallelism", c.req.query("parallelism")),
      rate: positive("rate", c.req.query("rate")),
      periodSeconds: positive("period", c.req.query("period"), 604_800),
    };
    if (pin.parallelism === null && pin.rate === null) {
      throw new QueueError(400, "nothing to pin: neither parallelism nor rate");
    }
    await flowControls.pin(c.req.param("key"), pin, now());
    wake();
    return c.body(null, 200);
  });

  routes.post("/flowControl/:key/unpin", async (c) => {
    await flowControls.unpin(c.req.param("key"), {
      parallelism: c.req.query("parallelism") === "true",
      rate: c.req.query("rate") === "true",
    }, now());
    return c.body(null, 200);
  });

  routes.post("/flowControl/:key/resetRate", async (c) => {
    await flowControls.resetRate(c.req.param("key"), now());
    wake();
    return c.body(null, 200);
  });

  return routes;
}

function positive(
  name: string,
  text: string | undefined,
  most = 2 ** 31 - 1,
): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (!/^\d{1,10}$/.test(text) || value < 1 || value > most) {
    throw new QueueError(
      400,
      `invalid ${name} "${text}": it must be from 1 to ${most}`,
    );
  }
  return value;
}

function shown(control: FlowControl): Record<string, unknown> {
  return {
    flowControlKey: control.key,
    waitListSize: control.waiting,
    parallelismMax: control.parallelism ?? 0,
    parallelismCount: control.inFlight,
    rateMax: control.rate ?? 0,
    rateCount: control.rateCount,
    ratePeriod: control.periodSeconds,
    ratePeriodStart: Math.floor(control.periodStartedAt.getTime() / 1000),
    isPaused: control.isPaused,
    isPinnedParallelism: control.isPinnedParallelism,
    isPinnedRate: control.isPinnedRate,
  };
}
