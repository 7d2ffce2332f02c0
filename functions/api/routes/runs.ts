import { Hono } from "hono";
import { AppError } from "@shared/errors.ts";
import {
  parseRevisionPageQuery,
  parseRevisionQuery,
} from "@shared/schemas/revision.ts";
import { parseRunQuery } from "@shared/schemas/run.ts";
import type { EdgeEnv } from "../../_shared/middleware/env.ts";
import type { ObjectStore } from "../../_shared/store/object_store.ts";
import type { ReportStore } from "../../_shared/store/report_store.ts";
import type { RunReader } from "../../_shared/store/run_reader.ts";

/** What these routes reach. */
export interface RunRouteDeps {
  readonly runs: RunReader;
  readonly reports: ReportStore;
  readonly objects: ObjectStore;
}

/** `/runs`: runs, and what a revision says of one as a whole. */
export function runRoutes(deps: RunRouteDeps): Hono<EdgeEnv> {
  const { runs, reports, objects } = deps;
  const routes = new Hono<EdgeEnv>();

  routes.get("/", async (c) => {
    const query = parseRunQuery(c.req.query());
    return c.json(await runs.list(c.var.access.caller, query));
  });

  routes.get("/:run_id", async (c) => {
    const id = c.req.param("run_id");
    return c.json(await runs.get(c.var.access.caller, id));
  });

  routes.get("/:run_id/classes", async (c) => {
    const id = c.req.param("run_id");
    const revision = parseRevisionQuery(c.req.query());
    const rows = await reports.classes(c.var.access.caller, id, revision);
    return c.json({ rows });
  });

  routes.get("/:run_id/confusions", async (c) => {
    const id = c.req.param("run_id");
    const revision = parseRevisionQuery(c.req.query());
    const rows = await reports.confusions(c.var.access.caller, id, revision);
    return c.json({ rows });
  });

  routes.get("/:run_id/report", async (c) => {
    const id = c.req.param("run_id");
    const revision = parseRevisionQuery(c.req.query());
    return c.json(await reports.whole(c.var.access.caller, id, revision));
  });

  routes.get("/:run_id/problems", async (c) => {
    const id = c.req.param("run_id");
    const page = parseRevisionPageQuery(c.req.query());
    return c.json(await reports.problems(c.var.access.caller, id, page));
  });

  routes.get("/:run_id/columns", async (c) => {
    const id = c.req.param("run_id");
    const { revisionId, path } = await reports.columns(
      c.var.access.caller,
      id,
      parseRevisionQuery(c.req.query()),
    );
    if (path === null) {
      throw new AppError("not_found", `Cannot find columns of run "${id}"`);
    }
    // A revision never changes, so its id says all about the bytes.
    const etag = `"${revisionId}"`;
    const headers = { ETag: etag, "Cache-Control": "private, no-cache" };
    if (c.req.header("if-none-match") === etag) {
      return c.body(null, 304, headers);
    }
    const { body, headers: stored } = await objects.download(path);
    const length = stored.get("content-length");
    return c.newResponse(body, 200, {
      ...headers,
      "Content-Type": "application/vnd.apache.arrow.stream",
      ...(length ? { "Content-Length": length } : {}),
    });
  });

  return routes;
}
