import { Hono } from "hono";
import { THRESHOLDS } from "@shared/types/threshold.ts";
import type { EdgeEnv } from "../../_shared/middleware/env.ts";

/** `/thresholds`: what a run may be scored by. */
export function thresholdRoutes(): Hono<EdgeEnv> {
  const routes = new Hono<EdgeEnv>();
  routes.get("/", (c) => c.json(THRESHOLDS));
  return routes;
}
