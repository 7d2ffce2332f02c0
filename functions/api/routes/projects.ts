import { Hono } from "hono";
import { AppError } from "@shared/errors.ts";
import { parsePageQuery } from "@shared/schemas/page.ts";
import {
  parseKeyRequest,
  parseMemberRequest,
  parseProjectChanges,
  parseProjectRequest,
} from "@shared/schemas/project.ts";
import { isUuid } from "@shared/schemas/run.ts";
import { newKeyToken } from "../../_shared/auth/key_token.ts";
import type { EdgeEnv } from "../../_shared/middleware/env.ts";
import { jsonBody } from "../../_shared/middleware/json_body.ts";
import type { ApiKeyStore } from "../../_shared/store/api_key_store.ts";
import type { ProjectStore } from "../../_shared/store/project_store.ts";

/** What these routes reach. */
export interface ProjectRouteDeps {
  readonly projects: ProjectStore;
  readonly apiKeys: ApiKeyStore;
}

/** `/projects`: projects, their members and keys. */
export function projectRoutes(deps: ProjectRouteDeps): Hono<EdgeEnv> {
  const { projects, apiKeys } = deps;
  const routes = new Hono<EdgeEnv>();

  routes.get("/", async (c) => {
    const page = parsePageQuery(c.req.query());
    return c.json(await projects.list(c.var.access.caller, page));
  });

  routes.post("/", async (c) => {
    const { name } = await jsonBody(c, parseProjectRequest);
    return c.json(await projects.create(c.var.access.caller, name), 201);
  });

  routes.get("/:project_id", async (c) => {
    const id = c.req.param("project_id");
    return c.json(await projects.get(c.var.access.caller, id));
  });

  routes.patch("/:project_id", async (c) => {
    const id = c.req.param("project_id");
    const changes = await jsonBody(c, parseProjectChanges);
    await projects.change(c.var.access.caller, id, changes);
    return c.json(await projects.get(c.var.access.caller, id));
  });

  routes.get("/:project_id/members", async (c) => {
    const id = c.req.param("project_id");
    const page = parsePageQuery(c.req.query());
    return c.json(await projects.members(c.var.access.caller, id, page));
  });

  routes.put("/:project_id/members/:user_id", async (c) => {
    const { project_id: id, user_id: user } = c.req.param();
    const { role } = await jsonBody(c, parseMemberRequest);
    const userId = known(user, "user");
    return c.json(
      await projects.putMember(c.var.access.caller, id, userId, role),
    );
  });

  routes.delete("/:project_id/members/:user_id", async (c) => {
    const { project_id: id, user_id: user } = c.req.param();
    await projects.removeMember(c.var.access.caller, id, known(user, "user"));
    return c.body(null, 204);
  });

  routes.get("/:project_id/keys", async (c) => {
    const id = c.req.param("project_id");
    const page = parsePageQuery(c.req.query());
    return c.json(await apiKeys.list(c.var.access.caller, id, page));
  });

  routes.post("/:project_id/keys", async (c) => {
    const id = c.req.param("project_id");
    const request = await jsonBody(c, parseKeyRequest);
    const { token, ...secret } = newKeyToken();
    const { caller } = c.var.access;
    const key = await apiKeys.create(caller, id, request, secret);
    c.header("Cache-Control", "no-store");
    return c.json({ ...key, token }, 201);
  });

  routes.delete("/:project_id/keys/:key_id", async (c) => {
    const { project_id: id, key_id: key } = c.req.param();
    await apiKeys.revoke(c.var.access.caller, id, known(key, "API key"));
    return c.body(null, 204);
  });

  return routes;
}

/** What is no UUID names nothing we have. */
function known(id: string, what: string): string {
  if (isUuid(id)) return id;
  throw new AppError("not_found", `Cannot find ${what} "${id.slice(0, 50)}"`);
}
