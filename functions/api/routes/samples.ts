import { Hono } from "hono";
import { parseRevisionQuery } from "@shared/schemas/revision.ts";
import { parseSampleQuery } from "@shared/schemas/sample_query.ts";
import type { EdgeEnv } from "../../_shared/middleware/env.ts";
import type { ObjectStore } from "../../_shared/store/object_store.ts";
import type { SampleStore } from "../../_shared/store/sample_store.ts";

/** What these routes reach. */
export interface SampleRouteDeps {
  readonly samples: SampleStore;
  readonly objects: ObjectStore;
}

/** Most bytes of one text that are shown; nobody reads on, and a function has 256 MB of memory. */
const MAX_TEXT_BYTES = 8 * 1_048_576;

/** `/runs/{run_id}/samples`: the ranked list, and one sample of it. */
export function sampleRoutes(deps: SampleRouteDeps): Hono<EdgeEnv> {
  const { samples, objects } = deps;
  const routes = new Hono<EdgeEnv>();

  routes.get("/:run_id/samples", async (c) => {
    const id = c.req.param("run_id");
    const query = parseSampleQuery(c.req.query());
    return c.json(await samples.list(c.var.access.caller, id, query));
  });

  routes.get("/:run_id/samples/:split/:sample_id", async (c) => {
    const { run_id: id, split, sample_id: sampleId } = c.req.param();
    const { detail, content } = await samples.get(
      c.var.access.caller,
      id,
      split,
      sampleId,
      parseRevisionQuery(c.req.query()),
    );
    if (content === null) return c.json(detail);
    const stored = await objects.download(content.path, {
      offset: content.offset,
      bytes: Math.min(content.bytes, MAX_TEXT_BYTES),
    });
    return c.json({ ...detail, text: await stored.text() });
  });

  return routes;
}
