import { type Context, Hono } from "hono";
import type { EdgeEnv } from "../../_shared/middleware/env.ts";
import type { Relay } from "../../_shared/outbox/relay.ts";
import type {
  DeletedSubject,
  DeletionStore,
} from "../../_shared/store/deletion_store.ts";

/** What these routes reach. */
export interface DeletionRouteDeps {
  readonly deletions: DeletionStore;
  readonly relay: Relay;
}

/**
 * `DELETE` of a run, a dataset or a project: gone for everybody when this answers, removed by the job it names. A project takes its job with
 * it, so that one cannot be read.
 */
export function deletionRoutes(deps: DeletionRouteDeps): Hono<EdgeEnv> {
  const routes = new Hono<EdgeEnv>();

  const drop = async (
    c: Context<EdgeEnv>,
    subject: DeletedSubject,
    id: string,
  ) => {
    const { caller } = c.var.access;
    const { jobId, taskIds } = await deps.deletions.delete(caller, subject, id);
    await deps.relay(caller, taskIds, c.var.log);
    return c.json({ job_id: jobId }, 202);
  };

  routes.delete("/runs/:run_id", (c) => drop(c, "run", c.req.param("run_id")));
  routes.delete(
    "/datasets/:dataset_id",
    (c) => drop(c, "dataset", c.req.param("dataset_id")),
  );
  routes.delete(
    "/projects/:project_id",
    (c) => drop(c, "project", c.req.param("project_id")),
  );

  return routes;
}
