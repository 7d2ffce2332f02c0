import { Hono } from "hono";
import type { EdgeEnv } from "../../_shared/middleware/env.ts";
import type { ProjectStore } from "../../_shared/store/project_store.ts";

/** `/me`: who is calling, and where they may do something. */
export function meRoutes(
  deps: { readonly projects: ProjectStore },
): Hono<EdgeEnv> {
  const routes = new Hono<EdgeEnv>();

  routes.get("/", async (c) => {
    const { caller } = c.var.access;
    const { rows } = await deps.projects.list(caller, {
      limit: 500,
      cursor: null,
    });
    return c.json({
      kind: caller.kind,
      user_id: caller.kind === "person" ? caller.userId : null,
      key_id: caller.kind === "key" ? caller.keyId : null,
      projects: rows,
    });
  });

  return routes;
}
