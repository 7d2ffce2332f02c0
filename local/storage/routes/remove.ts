import { Hono } from "hono";
import type { StorageDeps } from "../deps.ts";
import { StorageError } from "../error.ts";
import { shownObject } from "../rows.ts";
import { answer, callerOf, JsonBody, placeOf } from "./request.ts";

/** Objects that are deleted at a time, as the hosted service has it. */
const MOST_KEYS = 1000;

/** DELETE of one object, or of many named in the body. */
export function removeRoutes(deps: StorageDeps): Hono {
  const routes = new Hono();

  routes.delete("/:bucket", async (c) => {
    const caller = await callerOf(deps, c);
    const keys = (await JsonBody.of(c)).texts("prefixes");
    if (keys.length > MOST_KEYS) {
      throw new StorageError(
        "InvalidRequest",
        `Bulk object requests are limited to ${MOST_KEYS} objects per request.`,
      );
    }
    const rows = await deps.objects.remove(caller, c.req.param("bucket"), keys);
    return answer(rows.map(shownObject));
  });

  routes.delete("/:bucket/:key{.+}", async (c) => {
    const caller = await callerOf(deps, c);
    const { bucket, key } = placeOf(c);
    await deps.rows.object(caller, bucket, key);
    const rows = await deps.objects.remove(caller, bucket, [key]);
    if (rows.length === 0) {
      throw new StorageError("AccessDenied", "Access denied");
    }
    return answer({ message: "Successfully deleted" });
  });
  return routes;
}
