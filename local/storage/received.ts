import { Buffer } from "node:buffer";
import type { Context } from "hono";
import type { StorageDeps } from "./deps.ts";
import { StorageError } from "./error.ts";
import { readForm } from "./form.ts";
import type { Properties } from "./objects.ts";

const MOST_METADATA_BYTES = 1_048_576;

/** What a request sends as an object. */
export interface Received {
  readonly said: Properties;
  readonly body: ReadableStream<Uint8Array> | null;
  readonly mostBytes: number;
}

/** What a bucket takes. */
export interface Limits {
  /** Most bytes of one object. */
  readonly mostBytes: number;
  /** Throws `InvalidMimeType` unless the bucket takes the type. */
  checkType(contentType: string): void;
}

/** The limits of a bucket, whoever asks; throws `NoSuchBucket`. */
export async function limitsOf(
  { rows, mostBytes }: StorageDeps,
  bucket: string,
): Promise<Limits> {
  const { file_size_limit: limit, allowed_mime_types: types } = await rows
    .bucket(bucket);
  return {
    mostBytes: Math.min(mostBytes, limit === null ? Infinity : Number(limit)),
    checkType(contentType) {
      if (
        types && types.length > 0 && !types.some((t) => fits(t, contentType))
      ) {
        throw new StorageError(
          "InvalidMimeType",
          `mime type ${contentType} is not supported`,
        );
      }
    },
  };
}

/** Takes an upload apart: raw, or a form as browsers send it. The bytes are not read yet. */
export async function receive(
  deps: StorageDeps,
  c: Context,
  bucket: string,
): Promise<Received> {
  const { mostBytes, checkType } = await limitsOf(deps, bucket);
  const type = c.req.header("content-type") ?? "application/octet-stream";
  const isForm = type.startsWith("multipart/form-data");
  const announced = Number(c.req.header("content-length") ?? 0);
  if (!isForm && announced > mostBytes) {
    throw new StorageError("EntityTooLarge");
  }
  const { said, body } = isForm ? await receiveForm(c, type) : {
    body: c.req.raw.body,
    said: {
      contentType: type,
      cacheControl: c.req.header("cache-control") ?? "no-cache",
      userMetadata: metadataHeader(c),
    },
  };
  checkType(said.contentType);
  return { said, body, mostBytes };
}

/** What the header `x-metadata` notes on an object; null if it is missing or cannot be read. */
export function metadataHeader(c: Context): Properties["userMetadata"] {
  const header = c.req.header("x-metadata");
  if (header === undefined) return null;
  return parsed(Buffer.from(header, "base64").toString("utf8"));
}

/** JSON that a user notes on an object; null if it cannot be read. */
export function parsed(text: string | undefined): Properties["userMetadata"] {
  if (text === undefined) return null;
  if (text.length > MOST_METADATA_BYTES) {
    throw new StorageError(
      "EntityTooLarge",
      "The user_metadata exceeded the maximum allowed size",
    );
  }
  try {
    const value = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

async function receiveForm(
  c: Context,
  type: string,
): Promise<Omit<Received, "mostBytes">> {
  const { fields, contentType, file } = await readForm(c.req.raw.body, type);
  const seconds = fields.get("cacheControl");
  return {
    body: file,
    said: {
      contentType: fields.get("contentType") ?? contentType,
      cacheControl: seconds ? `max-age=${seconds}` : "no-cache",
      userMetadata: parsed(
        fields.get("metadata") ?? fields.get("userMetadata"),
      ),
    },
  };
}

/** Storage compares a type with its parameters: `text/plain` does not take `text/plain;charset=UTF-8`. */
function fits(pattern: string, type: string): boolean {
  return pattern === "*" || pattern === type ||
    pattern.endsWith("/*") && type.startsWith(pattern.slice(0, -1));
}
