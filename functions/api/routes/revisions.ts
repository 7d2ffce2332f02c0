import { Hono } from "hono";
import { parsePageQuery } from "@shared/schemas/page.ts";
import { parseDifferenceQuery } from "@shared/schemas/revision.ts";
import type { EdgeEnv } from "../../_shared/middleware/env.ts";
import type { RevisionReader } from "../../_shared/store/revision_reader.ts";

/** What these routes reach. */
export interface RevisionRouteDeps {
  readonly revisions: RevisionReader;
}

/** `/runs/{run_id}/revisions`: what was found each time that a run was scored, and how two times differ. */
export function revisionRoutes(
  { revisions }: RevisionRouteDeps,
): Hono<EdgeEnv> {
  const routes = new Hono<EdgeEnv>();

  routes.get("/:run_id/revisions", async (c) => {
    const id = c.req.param("run_id");
    const page = parsePageQuery(c.req.query());
    return c.json(await revisions.list(c.var.access.caller, id, page));
  });

  routes.get("/:run_id/revisions/:revision_id", async (c) => {
    const { run_id: id, revision_id: revision } = c.req.param();
    return c.json(await revisions.get(c.var.access.caller, id, revision));
  });

  routes.get("/:run_id/revisions/:revision_id/difference", async (c) => {
    const { run_id: id, revision_id: revision } = c.req.param();
    const query = parseDifferenceQuery(c.req.query());
    const { caller } = c.var.access;
    return c.json(await revisions.difference(caller, id, revision, query));
  });

  return routes;
}
