import { Hono } from "hono";
import {
  parseIdempotencyKey,
  parseJobQuery,
  parseJobRequest,
} from "@shared/schemas/job.ts";
import type { ReachPoint } from "@shared/types/fault.ts";
import type { JobRequest } from "@shared/types/job.ts";
import type { EdgeEnv } from "../../_shared/middleware/env.ts";
import { jsonBody } from "../../_shared/middleware/json_body.ts";
import type { Relay } from "../../_shared/outbox/relay.ts";
import type { Subject } from "../../_shared/store/access_store.ts";
import type { JobStore } from "../../_shared/store/job_store.ts";

/** What these routes reach. */
export interface JobRouteDeps {
  readonly jobs: JobStore;
  readonly relay: Relay;
  readonly reached: ReachPoint;
}

/** Doorbells that a request rings itself; a worker that has done one rings for the next. */
const RUNG_AT_ONCE = 8;

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
    const key = parseIdempotencyKey(c.req.raw.headers);
    const { caller, require } = c.var.access;
    // what a model is run for, an admin asks: it is somebody's code
    const scope = request.job_kind === "rescore_run" && request.model_id
      ? "admin"
      : undefined;
    for (const subject of subjectsOf(request)) await require(subject, scope);
    const { jobs: made, taskIds } = await jobs.enqueue(caller, request, key);
    await relay(caller, taskIds.slice(0, RUNG_AT_ONCE), c.var.log);
    return c.json(made, 202);
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

/** What a caller must have access to. */
function subjectsOf(request: JobRequest): Subject[] {
  if (request.job_kind === "score_run") {
    return [{ kind: "run", id: request.run_id }];
  }
  if (request.job_kind === "export_project") {
    return [{ kind: "project", id: request.project_id }];
  }
  const { run_ids: runIds, filter } = request;
  return filter
    ? [{ kind: "project", id: filter.project_id }]
    : runIds!.map((id) => ({ kind: "run", id }));
}
