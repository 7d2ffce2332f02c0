import { Hono } from "hono";
import type { StorageDeps } from "./deps.ts";
import { StorageError } from "./error.ts";
import { bucketRoutes } from "./routes/buckets.ts";
import { copyRoutes } from "./routes/copy.ts";
import { downloadRoutes } from "./routes/download.ts";
import { listRoutes } from "./routes/list.ts";
import { listV2Routes } from "./routes/list_v2.ts";
import { removeRoutes } from "./routes/remove.ts";
import { answer } from "./routes/request.ts";
import { resumableRoutes } from "./routes/resumable.ts";
import { signedRoutes } from "./routes/signed.ts";
import { uploadRoutes } from "./routes/upload.ts";

/** Builds the server: one route file for each group of requests. */
export function createStorageApp(
  deps: StorageDeps,
  warn: (text: string, facts: Record<string, unknown>) => void,
): Hono {
  const app = new Hono();
  app.onError((error, c) => {
    if (error instanceof StorageError) return answer(error.body, 400);
    warn("Unhandled error", { path: c.req.path, error: String(error) });
    return answer({
      statusCode: "500",
      error: "Internal",
      message: "Internal Server Error",
      code: "InternalError",
    }, 500);
  });
  app.notFound((c) =>
    answer({
      statusCode: "404",
      error: "Not Found",
      message: `Route ${c.req.method}:${c.req.path} not found`,
      code: "NotFound",
    }, 404)
  );
  app.get("/health", async () => {
    await deps.rows.ping();
    return answer({ status: "ok" });
  });
  app.route("/bucket", bucketRoutes(deps));
  app.route("/upload/resumable", resumableRoutes(deps));
  // The first that fits answers: those with a word of their own stand before those where it could be a bucket's name.
  app.route("/object/list", listRoutes(deps));
  app.route("/object/list-v2", listV2Routes(deps));
  app.route("/object", signedRoutes(deps));
  app.route("/object", copyRoutes(deps));
  app.route("/object", downloadRoutes(deps));
  app.route("/object", uploadRoutes(deps));
  app.route("/object", removeRoutes(deps));
  return app;
}
