import type { Context } from "hono";
import { QueueError, quotaExceeded } from "./error.ts";

/**
 * What stands raw in a URL after a prefix: its query is its own, `//` and escapes survive.
 *
 * @param url Of the request.
 * @param prefix Such as `/v2/publish/`.
 */
export function rawAfter(url: string, prefix: string): string {
  const rest = url.slice(url.indexOf(prefix) + prefix.length);
  return withoutToken(rest);
}

/**
 * Reads a body, and no more of it than it may have.
 *
 * @param c Context of the request.
 * @param most Bytes.
 * @throws {QueueError} 412 if it is larger.
 */
export async function readBody(
  c: Context,
  most: number,
): Promise<Uint8Array> {
  if (Number(c.req.header("content-length") ?? 0) > most) {
    throw quotaExceeded("maxMessageSize", most);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    size += chunk.length;
    if (size > most) throw quotaExceeded("maxMessageSize", most);
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}

/** A body as JSON; `undefined` if it is none. */
export async function readJson(c: Context, most: number): Promise<unknown> {
  const bytes = await readBody(c, most);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** Address of the caller; null where the server does not say. */
export function callerIp(c: Context): string | null {
  const info = c.env as
    | { remoteAddr?: { hostname?: string } }
    | undefined;
  return info?.remoteAddr?.hostname ?? null;
}

/**
 * Reads how many are asked for.
 *
 * @param text Of the query; undefined: `standard` ones.
 * @param standard Without it.
 * @param most Allowed.
 */
export function readCount<T extends number | null>(
  text: string | undefined,
  standard: T,
  most: number,
): number | T {
  if (text === undefined) return standard;
  const count = Number(text);
  if (!/^\d{1,9}$/.test(text) || count < 1 || count > most) {
    throw new QueueError(
      400,
      `invalid count "${text}": it must be from 1 to ${most}`,
    );
  }
  return count;
}

/** A caller that cannot set headers sends its token in the query, which is then not the destination's. */
function withoutToken(destination: string): string {
  return destination.replace(
    /([?&])qstash_token=[^&]*(&|$)/,
    (_, start, end) => end === "&" ? start : "",
  );
}
