import { Hono } from "hono";
import type { StorageDeps } from "../deps.ts";
import { StorageError } from "../error.ts";
import type { BucketRow } from "../rows.ts";
import { callerOf } from "./caller.ts";

const NAME_REGEXP = /^[\w!.*'() &$=@;:+,?-]{1,100}$/;
const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
};

/** `/bucket`: create, list, get. */
export function bucketRoutes(deps: StorageDeps): Hono {
  const routes = new Hono();

  routes.post("/", async (c) => {
    const caller = await callerOf(deps, c);
    const body = await c.req.json();
    const id = String(body.id ?? body.name);
    if (!NAME_REGEXP.test(id) || id.includes("?")) {
      throw new StorageError("InvalidBucketName");
    }
    const limit = bytesOf(body.file_size_limit);
    const types = body.allowed_mime_types ?? null;
    const rows = await deps.rows.as(caller, (sql) =>
      sql`
      insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
      values (${id}, ${id}, ${body.public === true}, ${limit}, ${types})
      on conflict (id) do nothing returning 1`);
    if (rows.length === 0) throw new StorageError("BucketAlreadyExists");
    return c.json({ name: id });
  });

  routes.get("/", async (c) => {
    const caller = await callerOf(deps, c);
    const rows = await deps.rows.as(caller, (sql) =>
      sql`
      select * from storage.buckets order by name`);
    return c.json(rows.map((row) => shown(row as unknown as BucketRow)));
  });

  routes.get("/:id", async (c) => {
    const caller = await callerOf(deps, c);
    const [row] = await deps.rows.as(caller, (sql) =>
      sql`
      select * from storage.buckets where id = ${c.req.param("id")}`);
    if (!row) throw new StorageError("NoSuchBucket");
    return c.json(shown(row as unknown as BucketRow));
  });
  return routes;
}

function bytesOf(limit: unknown): number | null {
  if (limit === null || limit === undefined) return null;
  const match = /^(\d+)\s*([kmg]?b)?$/i.exec(String(limit));
  if (!match) {
    throw new StorageError("InvalidRequest", "file_size_limit is invalid");
  }
  return Number(match[1]) * UNITS[(match[2] ?? "b").toLowerCase()]!;
}

function shown(row: BucketRow): Record<string, unknown> {
  return {
    id: row.id,
    name: row.name,
    owner: "",
    public: row.public,
    type: "STANDARD",
    file_size_limit: row.file_size_limit === null
      ? null
      : Number(row.file_size_limit),
    allowed_mime_types: row.allowed_mime_types,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}
