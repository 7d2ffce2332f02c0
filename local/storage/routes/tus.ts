import { Buffer } from "node:buffer";
import type { Context } from "hono";
import { StorageError } from "../error.ts";
import type { Place } from "../objects.ts";
import { parsed } from "../received.ts";
import type { Resumable } from "../resumables.ts";
import { checkBucketName, checkKey } from "./request.ts";

const VERSION = "1.0.0";
/** Media type of a piece. */
export const PIECE = "application/offset+octet-stream";
const HEADERS =
  "Authorization, Content-Type, Location, Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version, Upload-Concat, " +
  "Upload-Defer-Length, Upload-Length, Upload-Metadata, Upload-Offset, X-HTTP-Method-Override, X-Requested-With, " +
  "X-Forwarded-Host, X-Forwarded-Proto, Forwarded,";
/** Headers of every answer. */
export const BASE = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": HEADERS,
  "tus-resumable": VERSION,
};

/** An answer of the protocol: a status and a line of text. */
export class TusError extends Error {
  /** HTTP status. */
  readonly status: number;

  /** Makes one. */
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** An answer of one line of text. */
export function plain(status: number, text: string): Response {
  return new Response(text, {
    status,
    headers: { ...BASE, "content-type": "text/plain;charset=UTF-8" },
  });
}

/** What the server can do. */
export function optionsOf(mostBytes: number): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...BASE,
      "access-control-allow-headers":
        `${HEADERS} Authorization, X-Upsert, Upload-Expires, ApiKey, x-signature`,
      "access-control-allow-methods": "POST, HEAD, PATCH, OPTIONS, DELETE",
      "access-control-max-age": "86400",
      "tus-extension":
        "creation,creation-with-upload,creation-defer-length,termination,expiration",
      "tus-max-size": String(mostBytes),
      "tus-version": VERSION,
    },
  });
}

/** Refuses headers that the protocol does not know so. */
export function checkHeaders(c: Context): void {
  const version = c.req.header("tus-resumable");
  if (version === undefined) {
    throw new TusError(412, "Tus-Resumable Required\n");
  }
  const count = /^(0|[1-9]\d*)$/;
  const rules: Readonly<Record<string, (value: string) => boolean>> = {
    "tus-resumable": (value) => value === VERSION,
    "upload-offset": (value) => count.test(value),
    "upload-length": (value) => count.test(value),
    "upload-defer-length": (value) => value === "1",
    "upload-metadata": (value) => pairsOf(value) !== null,
    "content-type": (value) => c.req.method !== "PATCH" || value === PIECE,
  };
  const wrong = Object.keys(rules).filter((name) => {
    const value = c.req.header(name);
    return value !== undefined && !rules[name]!(value);
  });
  if (wrong.length > 0) throw new TusError(400, `Invalid ${wrong.join(" ")}\n`);
  if (c.req.method === "POST" && c.req.header("upload-concat") !== undefined) {
    throw new TusError(
      501,
      "Concatenation extension is not (yet) supported. Disable parallel uploads in the tus client.\n",
    );
  }
}

/** What `Upload-Metadata` says, which must say something. */
export function factsOf(header: string): ReadonlyMap<string, string> {
  if (header === "") {
    throw new StorageError("InvalidRequest", "Metadata header is required");
  }
  return pairsOf(header)!;
}

/** Keys with their values out of Base64; null if the header is not of that form. */
function pairsOf(header: string): Map<string, string> | null {
  const pairs = new Map<string, string>();
  for (const pair of header.split(",")) {
    const [, key, value = ""] =
      /^([\x21-\x2b\x2d-\x7e]+)(?: ([A-Za-z\d+/]*={0,2}))?$/.exec(pair) ?? [];
    if (key === undefined || value.length % 4 !== 0 || pairs.has(key)) {
      return null;
    }
    pairs.set(key, Buffer.from(value, "base64").toString("utf8"));
  }
  return pairs;
}

/** What an upload says of its object. */
export function saidOf(facts: ReadonlyMap<string, string>): Resumable["said"] {
  const seconds = facts.get("cacheControl") ?? "";
  return {
    contentType: facts.get("contentType") || "application/octet-stream",
    cacheControl: /^-?\d+$/.test(seconds) ? `max-age=${seconds}` : "no-cache",
    userMetadata: parsed(facts.get("metadata")),
  };
}

/** Which upload a URL names. */
export function idOf(c: Context): { place: Place; version: string } {
  const id = Buffer.from(c.req.param("id")!, "base64url").toString("utf8");
  const names = id.split("/");
  if (names.length < 3) throw new StorageError("InvalidUploadId");
  const version = names.pop()!;
  const bucket = names.shift()!;
  checkBucketName(bucket);
  checkKey(names.join("/"));
  return { place: { bucket, key: names.join("/") }, version };
}
