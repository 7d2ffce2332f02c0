import { Hono } from "hono";
import type { StorageDeps } from "../deps.ts";
import { answer, callerOf, JsonBody } from "./request.ts";

const COLUMNS = [
  "name",
  "created_at",
  "updated_at",
  "last_accessed_at",
] as const;
const ORDERS = ["asc", "desc"] as const;
const MOST_ENTRIES = 1500;

/** POST `/object/list/<bucket>`: what lies in one folder, by offset; sub-folders have no id. */
export function listRoutes(deps: StorageDeps): Hono {
  const routes = new Hono();
  routes.post("/:bucket", async (c) => {
    const caller = await callerOf(deps, c);
    const body = await JsonBody.of(c);
    const prefix = body.text("prefix");
    const limit = Math.min(body.integer("limit", 1, 100), MOST_ENTRIES);
    const offset = body.integer("offset", 0, 0);
    const search = body.textOr("search", "");
    const sortBy = body.within("sortBy");
    const column = sortBy?.choice("column", COLUMNS, "name") ?? "name";
    const isDescending = sortBy?.choice("order", ORDERS, "asc") === "desc";
    const start = prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;
    const rows = await deps.rows.as(caller, (sql) => {
      const direction = isDescending ? sql`desc` : sql`asc`;
      // By name, folders and objects are one list; by another column the folders, which have none, come first.
      const order = column === "name"
        ? sql``
        : sql`(id is not null), ${sql(column)} ${direction},`;
      return sql`
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
        order by ${order} name collate "C" ${direction}
        limit ${limit} offset ${offset}`;
    });
    return answer(rows);
  });
  return routes;
}
