import { Hono } from "hono";
import type { EdgeEnv } from "../../_shared/middleware/env.ts";
import type { ExportReader } from "../../_shared/store/export_reader.ts";
import type { ObjectStore } from "../../_shared/store/object_store.ts";

/** What these routes reach. */
export interface ExportRouteDeps {
  readonly exports: ExportReader;
  readonly objects: ObjectStore;
}

/** `/jobs/{id}/export`: the file that a job `export_project` has written. */
export function exportRoutes(deps: ExportRouteDeps): Hono<EdgeEnv> {
  const routes = new Hono<EdgeEnv>();

  routes.get("/:job_id/export", async (c) => {
    const id = c.req.param("job_id");
    const { paths, sizeBytes } = await deps.exports.find(
      c.var.access.caller,
      id,
    );
    const first = await deps.objects.download(paths[0]!); // an export that was removed is said before the answer begins
    return c.newResponse(joined(first, paths.slice(1), deps.objects), 200, {
      "Content-Type": "application/gzip",
      "Content-Length": String(sizeBytes),
      "Content-Disposition": `attachment; filename="assay-export-${
        id.slice(0, 8)
      }.tar.gz"`,
      "Cache-Control": "private, no-store",
    });
  });

  return routes;
}

/** Several objects as one stream, each asked for when the one before is through. */
function joined(
  first: Response,
  rest: readonly string[],
  objects: ObjectStore,
): ReadableStream<Uint8Array> {
  const waiting = [...rest];
  let reader = first.body!.getReader();
  return new ReadableStream({
    async pull(controller) {
      while (true) {
        const { value, done } = await reader.read();
        if (!done) return controller.enqueue(value);
        const next = waiting.shift();
        if (next === undefined) return controller.close();
        reader = (await objects.download(next)).body!.getReader();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
