import { type Context, Hono } from "hono";
import type { StorageDeps } from "../deps.ts";
import { StorageError } from "../error.ts";
import type { ObjectRow } from "../rows.ts";
import { callerOf, placeOf } from "./caller.ts";

/** GET and HEAD of `/object/[authenticated/|public/|info/]<bucket>/<key>`. */
export function downloadRoutes(deps: StorageDeps): Hono {
  const routes = new Hono();

  routes.get("/info/:bucket/:key{.+}", async (c) => {
    const { bucket, key } = placeOf(c);
    const row = await deps.rows.object(await callerOf(deps, c), bucket, key);
    return c.json(
      {
        id: row.id,
        name: row.name,
        version: row.version,
        bucket_id: row.bucket_id,
        size: row.metadata.size,
        content_type: row.metadata.mimetype,
        cache_control: row.metadata.cacheControl,
        etag: row.metadata.eTag,
        metadata: row.user_metadata ?? {},
        last_modified: row.metadata.lastModified,
        created_at: row.created_at,
      },
      200,
      headersOf(row),
    );
  });

  routes.get("/public/:bucket/:key{.+}", async (c) => {
    const { bucket, key } = placeOf(c);
    return await send(deps, c, await deps.rows.publicObject(bucket, key));
  });

  const download = async (c: Context) => {
    const { bucket, key } = placeOf(c);
    const caller = await deps.verify(c.req.header("authorization"));
    const row = caller
      ? await deps.rows.object(caller, bucket, key)
      : await deps.rows.publicObject(bucket, key); // without a valid token it is public access
    return await send(deps, c, row);
  };
  routes.get("/authenticated/:bucket/:key{.+}", download);
  routes.get("/:bucket/:key{.+}", download);
  return routes;
}

function headersOf(row: ObjectRow): Record<string, string> {
  return {
    etag: row.metadata.eTag,
    "last-modified": new Date(row.metadata.lastModified).toUTCString(),
    "cache-control": row.metadata.cacheControl,
  };
}

async function send(
  { blobs }: StorageDeps,
  c: Context,
  row: ObjectRow,
): Promise<Response> {
  const { size, eTag, mimetype } = row.metadata;
  const headers: Record<string, string> = {
    ...headersOf(row),
    "accept-ranges": "bytes",
    "content-type": mimetype,
    "x-robots-tag": "none",
  };
  if (c.req.header("if-none-match") === eTag) {
    return new Response(null, { status: 304, headers });
  }
  const range = rangeOf(c.req.header("range"), size);
  const [from, to] = range ?? [0, size - 1];
  headers["content-length"] = String(to - from + 1);
  if (range) headers["content-range"] = `bytes ${from}-${to}/${size}`;
  if (c.req.method === "HEAD") return new Response(null, { headers });
  const body = await blobs.read(row.version, from, to);
  if (!body) {
    throw new StorageError(
      "NoSuchKey",
      "Object not found: its bytes are missing from the storage folder",
    );
  }
  return new Response(body, { status: range ? 206 : 200, headers });
}

function rangeOf(
  header: string | undefined,
  size: number,
): [number, number] | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (!match || match[1] === match[2] && match[1] === "") return null;
  const [, first, last] = match;
  const from = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === "" || last === ""
    ? size - 1
    : Math.min(size - 1, Number(last));
  if (from > to) throw new StorageError("InvalidRange");
  return [from, to];
}
