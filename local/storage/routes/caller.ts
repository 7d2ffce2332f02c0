import type { Context } from "hono";
import type { StorageDeps } from "../deps.ts";
import { StorageError } from "../error.ts";
import type { Caller } from "../token.ts";

/** The caller of a request that needs one. */
export async function callerOf(
  { verify }: StorageDeps,
  c: Context,
): Promise<Caller> {
  const caller = await verify(c.req.header("authorization"));
  if (!caller) throw new StorageError("InvalidJWT");
  return caller;
}

const KEY_REGEXP = /^[\w/!.*'() &$=@;:+,?-]+$/;

/** Bucket and key of a path such as `/object/<bucket>/<key>`, decoded. */
export function placeOf(c: Context): { bucket: string; key: string } {
  const bucket = c.req.param("bucket")!;
  const key = c.req.param("key")!;
  if (!KEY_REGEXP.test(key) || key.split("/").includes("..")) {
    throw new StorageError("InvalidKey", `Invalid key: ${key}`);
  }
  return { bucket, key };
}
