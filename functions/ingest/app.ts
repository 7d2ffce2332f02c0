import type { Hono } from "hono";
import type { EdgeEnv } from "../_shared/middleware/env.ts";
import { createStack, type StackDeps } from "../_shared/middleware/stack.ts";
import { type RunRouteDeps, runRoutes } from "./routes/runs.ts";

/** Everything ingest reaches outside itself; tests pass fakes. */
export interface AppDeps extends StackDeps, RunRouteDeps {}

/** Builds ingest. Reads no environment and opens no connection. */
export function createApp(deps: AppDeps): Hono<EdgeEnv> {
  const app = createStack(deps, {
    slug: "ingest",
    decidedByBody: ["PUT /ingest/v1/runs/:run_id"],
    streamed: /\/parts$/,
  });
  app.route("/runs", runRoutes(deps));
  return app;
}
