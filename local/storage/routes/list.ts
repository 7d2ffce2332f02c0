import { Hono } from "hono";
import type { StorageDeps } from "../deps.ts";
import { StorageError } from "../error.ts";
import { callerOf } from "./caller.ts";

const COLUMNS: readonly string[] = [
  "name",
  "created_at",
  "updated_at",
  "last_accessed_at",
];

/** POST `/object/list/<bucket>`: what lies in one folder, sub-folders without an id. */
export function listRoutes(deps: StorageDeps): Hono {
  const routes = new Hono();
  routes.post("/:bucket", async (c) => {
    const caller = await callerOf(deps, c);
    const { prefix = "", limit = 100, offset = 0, search = "", sortBy } =
      await c.req.json();
    const folder = prefix.replace(/\/+$/, "");
    const start = folder === "" ? "" : `${folder}/`;
    const column = sortBy?.column ?? "name";
    if (!COLUMNS.includes(column)) {
      throw new StorageError("InvalidRequest", `cannot sort by ${column}`);
    }
    const isDescending = sortBy?.order === "desc";
    const rows = await deps.rows.as(caller, (sql) =>
      sql`
      with inside as (
        select o.*, string_to_array(substr(o.name, ${
        start.length + 1
      }), '/') as rest
        from storage.objects o
        where o.bucket_id = ${
        c.req.param("bucket")
      } and starts_with(o.name, ${start})
      ), entries as (
        select rest[1] as name, id, updated_at, created_at, last_accessed_at, metadata
        from inside where cardinality(rest) = 1
        union all
        select distinct rest[1], null::uuid, null::timestamptz, null::timestamptz, null::timestamptz, null::jsonb
        from inside where cardinality(rest) > 1
      )
      select * from entries where starts_with(lower(name), lower(${search}))
      order by ${sql(column)} ${isDescending ? sql`desc` : sql`asc`}
      limit ${Math.min(Number(limit), 1000)} offset ${Number(offset)}`);
    return c.json(rows);
  });
  return routes;
}
