import { Hono } from "hono";
import { parseDatasetQuery } from "@shared/schemas/dataset.ts";
import type { EdgeEnv } from "../../_shared/middleware/env.ts";
import type { DatasetReader } from "../../_shared/store/dataset_reader.ts";

/** What these routes reach. */
export interface DatasetRouteDeps {
  readonly datasets: DatasetReader;
}

/** `/datasets`: what a team curates over years. */
export function datasetRoutes(deps: DatasetRouteDeps): Hono<EdgeEnv> {
  const { datasets } = deps;
  const routes = new Hono<EdgeEnv>();

  routes.get("/", async (c) => {
    const query = parseDatasetQuery(c.req.query());
    return c.json(await datasets.list(c.var.access.caller, query));
  });

  routes.get("/:dataset_id", async (c) => {
    const id = c.req.param("dataset_id");
    return c.json(await datasets.get(c.var.access.caller, id));
  });

  return routes;
}
