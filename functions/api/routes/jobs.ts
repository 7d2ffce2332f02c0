import { Hono } from "hono";
import { parseJobQuery, parseJobRequest } from "@shared/schemas/job.ts";
import type { ReachPoint } from "@shared/types/fault.ts";
import type { EdgeEnv } from "../../_shared/middleware/env.ts";
import { jsonBody } from "../../_shared/middleware/json_body.ts";
import type { Relay } from "../../_shared/outbox/relay.ts";
import type { JobStore } from "../../_shared/store/job_store.ts";

/** What these routes reach. */
export interface JobRouteDeps {
  readonly jobs: JobStore;
  readonly relay: Relay;
  readonly reached: ReachPoint;
}

/** `/jobs`: ask for work, read its state, cancel it. */
export function jobRoutes(deps: JobRouteDeps): Hono<EdgeEnv> {
  const { jobs, relay, reached } = deps;
  const routes = new Hono<EdgeEnv>();

  routes.get("/", async (c) => {
    const query = parseJobQuery(c.req.query());
    return c.json(await jobs.list(c.var.access.caller, query));
  });

  routes.post("/", async (c) => {
    const request = await jsonBody(c, parseJobRequest);
    const { caller, require } = c.var.access;
    await require(
      request.job_kind === "score_run"
        ? { kind: "run", id: request.run_id }
        : { kind: "project", id: request.project_id },
    );
    const { jobId, taskIds } = await jobs.enqueue(caller, request);
    await relay(caller, taskIds, c.var.log);
    return c.json({ job_id: jobId }, 202);
  });

  routes.get("/:job_id", async (c) => {
    const id = c.req.param("job_id");
    const job = await jobs.get(c.var.access.caller, id);
    await reached("job_read", id);
    return c.json(job);
  });

  routes.delete("/:job_id", async (c) => {
    const id = c.req.param("job_id");
    await jobs.cancel(c.var.access.caller, id);
    return c.json(await jobs.get(c.var.access.caller, id));
  });

  return routes;
}
