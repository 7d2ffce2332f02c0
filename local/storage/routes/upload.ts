import { type Context, Hono } from "hono";
import type { TransactionSql } from "postgres";
import type { StorageDeps } from "../deps.ts";
import type { Blob } from "../blobs.ts";
import { StorageError } from "../error.ts";
import { callerOf, placeOf } from "./caller.ts";

/** What a request sends: bytes with their type. */
interface Upload {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly contentType: string;
  readonly cacheControl: string;
}

/** `/object/<bucket>/<key>`: POST makes, PUT replaces. */
export function uploadRoutes(deps: StorageDeps): Hono {
  const routes = new Hono();
  const { blobs, rows } = deps;

  const upload = async (c: Context, mayReplace: boolean) => {
    const { bucket, key } = placeOf(c);
    const caller = await callerOf(deps, c);
    const limits = await rows.bucket(bucket);
    const sent = await uploadOf(c);
    const types = limits.allowed_mime_types;
    if (types && !types.some((t) => matches(t, sent.contentType))) {
      throw new StorageError(
        "InvalidMimeType",
        `mime type ${sent.contentType} is not supported`,
      );
    }
    const mostBytes = limits.file_size_limit === null
      ? deps.mostBytes
      : Number(limits.file_size_limit);
    if (Number(c.req.header("content-length") ?? 0) > mostBytes + 65_536) {
      throw new StorageError("EntityTooLarge");
    }
    await refuseEarly(deps, c, caller, mayReplace);
    const blob = await blobs.write(sent.body, mostBytes);
    let earlier: string | null = null;
    let id: string;
    try {
      ({ id, earlier } = await rows.as(
        caller,
        (sql) => put(sql, bucket, key, blob, sent, mayReplace),
      ));
    } catch (error) {
      // Any other error may hide a commit whose answer was lost: then the row names these bytes. The sweep decides.
      if (error instanceof StorageError) await blobs.remove(blob.version);
      throw error;
    }
    if (earlier !== null) await blobs.remove(earlier);
    return c.json({ Key: `${bucket}/${key}`, Id: id });
  };

  routes.post(
    "/:bucket/:key{.+}",
    (c) => upload(c, c.req.header("x-upsert") === "true"),
  );
  routes.put("/:bucket/:key{.+}", (c) => upload(c, true));
  return routes;
}

/** Whoever may not write, or would write twice, is told before the bytes are taken. */
async function refuseEarly(
  { rows }: StorageDeps,
  c: Context,
  caller: Parameters<StorageDeps["rows"]["as"]>[0],
  mayReplace: boolean,
): Promise<void> {
  const { bucket, key } = placeOf(c);
  const undo = new Error("undo");
  const nothing = { version: "", sizeBytes: 0, md5: "" };
  await rows.as(caller, async (sql) => {
    await put(
      sql,
      bucket,
      key,
      nothing,
      { body: null, contentType: "", cacheControl: "" },
      mayReplace,
    );
    throw undo;
  }).catch((error) => {
    if (error !== undo) throw error;
  });
}

async function put(
  sql: TransactionSql,
  bucket: string,
  key: string,
  blob: Blob,
  sent: Upload,
  mayReplace: boolean,
): Promise<{ id: string; earlier: string | null }> {
  const metadata = {
    eTag: `"${blob.md5}"`,
    size: blob.sizeBytes,
    mimetype: sent.contentType,
    cacheControl: sent.cacheControl,
    lastModified: new Date().toISOString(),
    contentLength: blob.sizeBytes,
    httpStatusCode: 200,
  };
  const [made] = await sql`
    insert into storage.objects (bucket_id, name, version, metadata)
    values (${bucket}, ${key}, ${blob.version}, ${sql.json(metadata)})
    on conflict (bucket_id, name collate "C") do nothing returning id`;
  if (made) return { id: made.id, earlier: null };
  if (!mayReplace) throw new StorageError("KeyAlreadyExists");
  const [earlier] = await sql`
    select id, version from storage.objects where bucket_id = ${bucket} and name = ${key} for update`;
  if (!earlier) throw new StorageError("AccessDenied");
  const changed = await sql`
    update storage.objects
    set version = ${blob.version}, metadata = ${
    sql.json(metadata)
  }, updated_at = now()
    where id = ${earlier.id} returning id`;
  if (changed.length === 0) throw new StorageError("AccessDenied");
  return { id: earlier.id, earlier: earlier.version };
}

async function uploadOf(c: Context): Promise<Upload> {
  const type = c.req.header("content-type") ?? "application/octet-stream";
  if (!type.startsWith("multipart/form-data")) {
    return {
      body: c.req.raw.body,
      contentType: type,
      cacheControl: c.req.header("cache-control") ?? "no-cache",
    };
  }
  const form = await c.req.formData(); // what browsers send; the file is the field without a name
  const file = [...form.values()].find((value) => value instanceof File);
  if (!file) throw new StorageError("InvalidRequest", "No file in the form");
  return {
    body: (file as File).stream(),
    contentType: (file as File).type || "application/octet-stream",
    cacheControl: `max-age=${form.get("cacheControl") ?? 3600}`,
  };
}

function matches(pattern: string, type: string): boolean {
  const plain = type.split(";")[0]!.trim();
  return pattern.endsWith("/*")
    ? plain.startsWith(pattern.slice(0, -1))
    : plain === pattern;
}
