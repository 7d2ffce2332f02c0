import { Hono } from "hono";
import {
  parseAuditRequest,
  parseAuditSampleQuery,
} from "@shared/schemas/audit.ts";
import { parsePageQuery } from "@shared/schemas/page.ts";
import type { EdgeEnv } from "../../_shared/middleware/env.ts";
import { jsonBody } from "../../_shared/middleware/json_body.ts";
import type { AuditStore } from "../../_shared/store/audit_store.ts";

/** What these routes reach. */
export interface AuditRouteDeps {
  readonly audits: AuditStore;
}

/** `/runs/{run_id}/audits`: samples to judge, and how many labels are wrong in all. */
export function auditRoutes({ audits }: AuditRouteDeps): Hono<EdgeEnv> {
  const routes = new Hono<EdgeEnv>();

  routes.post("/:run_id/audits", async (c) => {
    const id = c.req.param("run_id");
    const request = await jsonBody(c, parseAuditRequest, {});
    return c.json(await audits.draw(c.var.access.caller, id, request), 201);
  });

  routes.get("/:run_id/audits", async (c) => {
    const id = c.req.param("run_id");
    const page = parsePageQuery(c.req.query());
    return c.json(await audits.list(c.var.access.caller, id, page));
  });

  routes.get("/:run_id/audits/:audit_id", async (c) => {
    const { run_id: id, audit_id: auditId } = c.req.param();
    return c.json(await audits.get(c.var.access.caller, id, auditId));
  });

  routes.get("/:run_id/audits/:audit_id/samples", async (c) => {
    const { run_id: id, audit_id: auditId } = c.req.param();
    const query = parseAuditSampleQuery(c.req.query());
    return c.json(
      await audits.samples(c.var.access.caller, id, auditId, query),
    );
  });

  return routes;
}
