import { Hono } from "hono";
import { parsePageQuery } from "@shared/schemas/page.ts";
import { parseVerdictsRequest } from "@shared/schemas/verdict.ts";
import type { EdgeEnv } from "../../_shared/middleware/env.ts";
import { jsonBody } from "../../_shared/middleware/json_body.ts";
import type { VerdictStore } from "../../_shared/store/verdict_store.ts";

/** `/runs/{run_id}/verdicts`: what people say about its samples. */
export function verdictRoutes(
  deps: { readonly verdicts: VerdictStore },
): Hono<EdgeEnv> {
  const routes = new Hono<EdgeEnv>();

  routes.get("/:run_id/verdicts", async (c) => {
    const id = c.req.param("run_id");
    const page = parsePageQuery(c.req.query());
    return c.json(await deps.verdicts.list(c.var.access.caller, id, page));
  });

  routes.put("/:run_id/verdicts", async (c) => {
    const id = c.req.param("run_id");
    const verdicts = await jsonBody(c, parseVerdictsRequest);
    const { caller } = c.var.access;
    return c.json({ stored: await deps.verdicts.put(caller, id, verdicts) });
  });

  return routes;
}
