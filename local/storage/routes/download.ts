import { type Context, Hono } from "hono";
import type { StorageDeps } from "../deps.ts";
import { StorageError } from "../error.ts";
import type { Place } from "../objects.ts";
import type { ObjectRow } from "../rows.ts";
import type { Caller } from "../token.ts";
import { answer, placeOf } from "./request.ts";

/** GET and HEAD of `/object/[info/][authenticated/|public/]<bucket>/<key>`. */
export function downloadRoutes(deps: StorageDeps): Hono {
  const routes = new Hono();
  // Without a valid token it is public access.
  const whoever = (c: Context) =>
    deps.verify(c.req.header("authorization")).catch(() => null);

  for (const door of ["/authenticated", "/public", ""]) {
    const callerOf = door === "/public" ? () => Promise.resolve(null) : whoever;
    routes.get(`/info${door}/:bucket/:key{.+}`, async (c) => {
      const { bucket, key } = placeOf(c);
      const row = await deps.rows.readable(await callerOf(c), bucket, key);
      return answer(infoOf(row), 200, cacheHeaders(row));
    });
  }
  for (const door of ["/authenticated", "/public", ""]) {
    routes.get(`${door}/:bucket/:key{.+}`, async (c) => {
      const caller = door === "/public" ? null : await whoever(c);
      return await sendObject(deps, c, placeOf(c), caller);
    });
  }
  return routes;
}

/**
 * Answers with an object's bytes, or that the client has them.
 *
 * @param caller Whose policies decide; null: nobody's, so the bucket must be public.
 * @param expires When a signed URL ends, as an HTTP date; then nothing is said of caches.
 */
export async function sendObject(
  { rows, objects }: StorageDeps,
  c: Context,
  { bucket, key }: Place,
  caller: Caller | null,
  expires?: string,
): Promise<Response> {
  const find = () => rows.readable(caller, bucket, key);
  const headersOf = (row: ObjectRow) => {
    const { "cache-control": cacheControl, ...rest } = cacheHeaders(row);
    return {
      ...rest,
      ...(expires ? { expires } : { "cache-control": cacheControl! }),
      "accept-ranges": "bytes",
      "content-type": row.metadata.mimetype.includes("text/html")
        ? "text/plain" // so that nobody serves pages from it
        : row.metadata.mimetype,
      "x-robots-tag": "none",
      ...dispositionOf(c.req.query("download")),
    };
  };
  if (c.req.method === "HEAD" || isConditional(c)) {
    const row = await find();
    const headers = headersOf(row);
    if (isUnchanged(c, row)) {
      return new Response(null, { status: 304, headers });
    }
    if (c.req.method === "HEAD") {
      const size = { "content-length": String(row.metadata.size) };
      return new Response(null, { headers: { ...headers, ...size } });
    }
  }
  const { row, body, range } = await objects.open(
    find,
    (size) => rangeOf(c.req.header("range"), size),
  );
  const { size } = row.metadata;
  const [from, to] = range ?? [0, size - 1];
  return new Response(body, {
    status: range ? 206 : 200,
    headers: {
      ...headersOf(row),
      "content-length": String(to - from + 1),
      ...(range ? { "content-range": `bytes ${from}-${to}/${size}` } : {}),
    },
  });
}

function infoOf(row: ObjectRow): Record<string, unknown> {
  return {
    id: row.id,
    name: row.name,
    version: row.version,
    bucket_id: row.bucket_id,
    size: row.metadata.size,
    content_type: row.metadata.mimetype,
    cache_control: row.metadata.cacheControl,
    etag: row.metadata.eTag,
    metadata: row.user_metadata ?? {},
    last_modified: row.updated_at,
    created_at: row.created_at,
  };
}

function cacheHeaders(row: ObjectRow): Record<string, string> {
  return {
    etag: row.metadata.eTag,
    "last-modified": new Date(row.metadata.lastModified).toUTCString(),
    "cache-control": row.metadata.cacheControl,
  };
}

function dispositionOf(download: string | undefined): Record<string, string> {
  if (download === undefined) return {};
  const name = encodeURIComponent(download);
  return {
    "content-disposition": download === ""
      ? "attachment;"
      : `attachment; filename=${name}; filename*=UTF-8''${name}`,
  };
}

function isConditional(c: Context): boolean {
  return c.req.header("if-none-match") !== undefined ||
    c.req.header("if-modified-since") !== undefined;
}

/** Source: RFC 9110, sections 13.1.2 and 13.1.3: with an entity tag the date is not looked at. */
function isUnchanged(c: Context, row: ObjectRow): boolean {
  const tags = c.req.header("if-none-match");
  if (tags !== undefined) {
    return tags.split(",").some((tag) =>
      ["*", row.metadata.eTag].includes(tag.trim().replace(/^W\//, ""))
    );
  }
  const since = Date.parse(c.req.header("if-modified-since") ?? "");
  const changed = Date.parse(row.metadata.lastModified);
  return Math.floor(changed / 1000) * 1000 <= since;
}

function rangeOf(
  header: string | undefined,
  size: number,
): [number, number] | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (!match || match[1] === "" && match[2] === "") return null;
  const [, first, last] = match;
  const from = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === "" || last === ""
    ? size - 1
    : Math.min(size - 1, Number(last));
  if (from > to) throw new StorageError("InvalidRange");
  return [from, to];
}
