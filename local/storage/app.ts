import { Hono } from "hono";
import type { StorageDeps } from "./deps.ts";
import { StorageError } from "./error.ts";
import { bucketRoutes } from "./routes/buckets.ts";
import { downloadRoutes } from "./routes/download.ts";
import { listRoutes } from "./routes/list.ts";
import { removeRoutes } from "./routes/remove.ts";
import { uploadRoutes } from "./routes/upload.ts";

/** Builds the server. Signed URLs, resumable uploads, copy, move and list v2 will each be a route file here. */
export function createStorageApp(
  deps: StorageDeps,
  warn: (text: string, facts: Record<string, unknown>) => void,
): Hono {
  const app = new Hono();
  app.onError((error, c) => {
    if (error instanceof StorageError) return c.json(error.body, 400);
    warn("Unhandled error", { path: c.req.path, error: String(error) });
    return c.json({
      statusCode: "500",
      error: "internal",
      message: "Internal Server Error",
      code: "InternalError",
    }, 500);
  });
  app.notFound((c) =>
    c.json({
      statusCode: "404",
      error: "Not Found",
      message: `Route ${c.req.method}:${c.req.path} not found`,
      code: "NotFound",
    }, 404)
  );
  app.get("/health", async (c) => {
    await deps.rows.ping();
    return c.json({ status: "ok" });
  });
  app.route("/bucket", bucketRoutes(deps));
  app.route("/object/list", listRoutes(deps));
  app.route("/object", downloadRoutes(deps)); // before uploads: GET and HEAD only
  app.route("/object", uploadRoutes(deps));
  app.route("/object", removeRoutes(deps));
  return app;
}
