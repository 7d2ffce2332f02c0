import { Hono } from "hono";
import type { StorageDeps } from "../deps.ts";
import { StorageError } from "../error.ts";
import { shownObject } from "../rows.ts";
import type { Caller } from "../token.ts";
import { callerOf, placeOf } from "./caller.ts";

/** DELETE of one object, or of many named in the body. */
export function removeRoutes(deps: StorageDeps): Hono {
  const routes = new Hono();

  const remove = async (caller: Caller, bucket: string, names: string[]) => {
    const rows = await deps.rows.as(caller, (sql) =>
      sql`
      delete from storage.objects where bucket_id = ${bucket} and name = any (${names}) returning *`);
    for (const row of rows) await deps.blobs.remove(row.version);
    return rows;
  };

  routes.delete("/:bucket", async (c) => {
    const caller = await callerOf(deps, c);
    const { prefixes } = await c.req.json();
    if (!Array.isArray(prefixes)) {
      throw new StorageError("InvalidRequest", "body must have prefixes");
    }
    const rows = await remove(caller, c.req.param("bucket"), prefixes);
    return c.json(rows.map(shownObject));
  });

  routes.delete("/:bucket/:key{.+}", async (c) => {
    const caller = await callerOf(deps, c);
    const { bucket, key } = placeOf(c);
    const rows = await remove(caller, bucket, [key]);
    if (rows.length === 0) throw new StorageError("NoSuchKey");
    return c.json({ message: "Successfully deleted" });
  });
  return routes;
}
