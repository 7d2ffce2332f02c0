import { Buffer } from "node:buffer";
import { type Context, Hono } from "hono";
import type { StorageDeps } from "../deps.ts";
import { StorageError } from "../error.ts";
import { ownerOf, type Place, type WriteOptions } from "../objects.ts";
import { limitsOf } from "../received.ts";
import type { Appended, Resumable } from "../resumables.ts";
import { type Caller, SERVICE } from "../token.ts";
import { answer, callerOf, checkBucketName, checkKey } from "./request.ts";
import {
  BASE,
  checkHeaders,
  factsOf,
  idOf,
  optionsOf,
  PIECE,
  plain,
  saidOf,
  TusError,
} from "./tus.ts";

const DENIED = new StorageError("AccessDenied").message;

/** Who may write what, in one request. */
interface Grant {
  readonly caller: Caller;
  readonly options: WriteOptions;
}

/**
 * `/upload/resumable`: uploads in pieces, by JWT or (below `/sign`) by the token of a signed upload.
 *
 * Source: tus resumable upload protocol 1.0.0, core with creation, creation-with-upload, creation-defer-length, termination, expiration.
 */
export function resumableRoutes(deps: StorageDeps): Hono {
  const routes = new Hono();
  const { resumables, objects } = deps;

  routes.onError((error) => {
    if (error instanceof TusError) return plain(error.status, error.message);
    if (!(error instanceof StorageError)) throw error;
    // Who calls is asked before the protocol begins.
    const isNobody = error.kind === "BadBody" ||
      error.kind === "AccessDenied" && error.message !== DENIED;
    return isNobody
      ? answer(error.body, 400)
      : plain(Number(error.body.statusCode), error.message);
  });
  routes.use(async (c, next) => {
    if (c.req.method === "OPTIONS") return optionsOf(deps.mostBytes);
    checkHeaders(c);
    await next();
  });

  for (const base of ["/sign", ""]) {
    /** Throws unless the request may write the object. */
    const grantOf = async (c: Context, place: Place): Promise<Grant> => {
      if (base === "") {
        const caller = await callerOf(deps, c);
        const mayReplace = c.req.header("x-upsert") === "true";
        return { caller, options: { mayReplace, owner: ownerOf(caller) } };
      }
      const token = c.req.header("x-signature");
      if (!token) {
        throw new StorageError(
          "InvalidSignature",
          "Missing x-signature header",
        );
      }
      const { bucket, key } = place;
      const { upsert, owner = null } = await deps.signer.verify(
        "upload",
        bucket,
        key,
        token,
      );
      return { caller: SERVICE, options: { mayReplace: upsert, owner } };
    };

    routes.post(base || "/", async (c) => {
      const length = c.req.header("upload-length");
      const isDeferred = c.req.header("upload-defer-length") !== undefined;
      if ((length === undefined) !== isDeferred) {
        throw new TusError(
          400,
          "Upload-Length or Upload-Defer-Length header required\n",
        );
      }
      const header = c.req.header("upload-metadata") ?? "";
      const facts = factsOf(header);
      const place = {
        bucket: facts.get("bucketName") ?? "",
        key: facts.get("objectName") ?? "",
      };
      checkBucketName(place.bucket);
      checkKey(place.key);
      const { caller, options } = await grantOf(c, place);
      const { mostBytes, checkType } = await limitsOf(deps, place.bucket);
      const size = isDeferred ? null : Number(length);
      if (size !== null && size > mostBytes) {
        throw new TusError(413, "Maximum size exceeded\n");
      }
      const said = saidOf(facts);
      await objects.check(caller, place, said, options);
      if (facts.has("contentType")) checkType(said.contentType);
      let upload = await resumables.create({
        ...place,
        ...options,
        size,
        header,
        said,
        createdAt: Date.now(),
      });
      const headers: Record<string, string> = {
        ...expiry(upload),
        "content-type": "text/plain;charset=UTF-8",
        location: locationOf(c, base, upload),
      };
      const isPiece = c.req.header("content-type") === PIECE;
      if (isPiece || size === 0) {
        const body = isPiece ? c.req.raw.body : null;
        upload = await take(c, caller, upload, body, mostBytes);
        if (isPiece) headers["upload-offset"] = String(upload.offset);
        if (upload.isDone) headers["tus-complete"] = "1";
      }
      return new Response("", {
        status: 201,
        headers: { ...BASE, ...headers },
      });
    });

    routes.get(`${base}/:id`, async (c) => {
      if (c.req.method !== "HEAD") throw new TusError(404, "Not found\n");
      const { place, version } = idOf(c);
      await grantOf(c, place);
      const upload = await resumables.hold(version, async () => {
        const upload = alive(await resumables.find(place, version));
        // Killed between its last byte and its row: whoever sent that byte was allowed to.
        return await finishIfWhole(upload, SERVICE);
      });
      return new Response(null, {
        headers: {
          ...BASE,
          ...expiry(upload),
          "cache-control": "no-store",
          "upload-offset": String(upload.offset),
          "upload-metadata": upload.header,
          ...(upload.size === null
            ? { "upload-defer-length": "1" }
            : { "upload-length": String(upload.size) }),
        },
      });
    });

    routes.patch(`${base}/:id`, async (c) => {
      const offset = c.req.header("upload-offset");
      if (offset === undefined) {
        throw new TusError(403, "Upload-Offset header required\n");
      }
      if (c.req.header("content-type") === undefined) {
        throw new TusError(403, "Content-Type header required\n");
      }
      const { place, version } = idOf(c);
      const { caller, options } = await grantOf(c, place);
      const { mostBytes } = await limitsOf(deps, place.bucket);
      const found = alive(await resumables.find(place, version));
      if (!found.isDone) {
        await objects.check(caller, place, found.said, options);
      }
      const upload = await take(
        c,
        caller,
        found,
        c.req.raw.body,
        mostBytes,
        offset,
      );
      return new Response(null, {
        status: 204,
        headers: {
          ...BASE,
          ...expiry(upload),
          "upload-offset": String(upload.offset),
          ...(upload.isDone ? { "tus-complete": "1" } : {}),
        },
      });
    });

    routes.delete(`${base}/:id`, async (c) => {
      const { place, version } = idOf(c);
      const { caller, options } = await grantOf(c, place);
      await resumables.hold(version, async () => {
        const upload = alive(await resumables.find(place, version));
        if (upload.offset === upload.size) {
          throw new TusError(
            400,
            "Cannot terminate an already completed upload",
          );
        }
        await objects.check(caller, place, upload.said, options);
        await resumables.remove(version);
      });
      return new Response(null, { status: 204, headers: BASE });
    });
  }

  /** Adds the request's body to an upload, and finishes it if that was the last of it. */
  async function take(
    c: Context,
    caller: Caller,
    { bucket, key, version }: Resumable,
    body: ReadableStream<Uint8Array> | null,
    mostBytes: number,
    offset?: string,
  ): Promise<Resumable> {
    return await resumables.hold(version, async (signal) => {
      let upload = alive(await resumables.find({ bucket, key }, version));
      if (offset !== undefined && Number(offset) !== upload.offset) {
        throw new TusError(409, "Upload-Offset conflict\n");
      }
      const length = c.req.header("upload-length");
      if (offset !== undefined && length !== undefined) {
        if (upload.size !== null || Number(length) < upload.offset) {
          throw new TusError(
            400,
            "Upload-Length or Upload-Defer-Length header required\n",
          );
        }
        if (Number(length) > mostBytes) {
          throw new TusError(413, "Maximum size exceeded\n");
        }
        upload = await resumables.declare(upload, Number(length));
      }
      const most = upload.size ?? mostBytes;
      const announced = Number(c.req.header("content-length") ?? 0);
      if (body && upload.offset + announced > most) {
        throw new TusError(413, "upload's size exceeded\n");
      }
      let end: Appended["end"] = "whole";
      if (!upload.isDone) {
        ({ upload, end } = await resumables.append(upload, body, most, signal));
      }
      if (end === "too_large") {
        throw new TusError(413, "upload's size exceeded\n");
      }
      if (end === "broken") {
        throw new TusError(400, "Request aborted due to lock acquired");
      }
      return await finishIfWhole(upload, caller);
    });
  }

  async function finishIfWhole(
    upload: Resumable,
    caller: Caller,
  ): Promise<Resumable> {
    if (upload.isDone || upload.offset !== upload.size) return upload;
    const blob = await resumables.bytesOf(upload);
    await objects.record(caller, upload, blob, upload.said, upload)
      .catch(async (error) => {
        if (error instanceof StorageError) {
          await resumables.remove(upload.version); // refused for good, its bytes are gone
        }
        throw error;
      });
    return await resumables.finish(upload);
  }

  function alive(upload: Resumable | null): Resumable {
    if (upload === null) {
      throw new TusError(404, "The file for this url was not found\n");
    }
    if (!upload.isDone && Date.now() > resumables.expiresAt(upload)) {
      throw new TusError(410, "The file for this url no longer exists\n");
    }
    return upload;
  }

  function expiry(upload: Resumable): Record<string, string> {
    if (upload.offset === upload.size) return {};
    const at = new Date(resumables.expiresAt(upload));
    return { "upload-expires": at.toUTCString() };
  }

  function locationOf(c: Context, base: string, upload: Resumable): string {
    const url = new URL(c.req.url);
    const prefix = c.req.header("x-forwarded-prefix") ?? "";
    const start = deps.publicUrl ?? url.origin + prefix.replace(/\/+$/, "");
    const id = Buffer.from(`${upload.bucket}/${upload.key}/${upload.version}`);
    return `${start}/upload/resumable${base}/${id.toString("base64url")}`;
  }
  return routes;
}
