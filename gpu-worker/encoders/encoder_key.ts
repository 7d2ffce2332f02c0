/** Raised when what goes into encoders changes, such as how images are brought to size, or how their encodings are kept. */
const VERSION = 2;

/**
 * Tells one encoder from another: encodings of the same key can stand side by side, but for rounding.
 *
 * @param kind What it gives.
 * @param files Its model and whatever else it reads.
 * @returns Kind, version, and the SHA-256 of the files' SHA-256.
 *
 * @example
 * ```ts
 * import { encoderKey } from "./encoder_key.ts";
 * import assert from "node:assert/strict";
 *
 * const key = await encoderKey("image", Uint8Array.of(1), Uint8Array.of(2, 3));
 * assert.match(key, /^image:2:[0-9a-f]{64}$/);
 * assert.notEqual(key, await encoderKey("image", Uint8Array.of(1, 2), Uint8Array.of(3)));
 * ```
 */
export async function encoderKey(
  kind: string,
  ...files: readonly Uint8Array<ArrayBuffer>[]
): Promise<string> {
  const digests = await Promise.all(
    files.map((file) => crypto.subtle.digest("SHA-256", file)),
  );
  const joined = new Uint8Array(await new Blob(digests).arrayBuffer());
  const digest = await crypto.subtle.digest("SHA-256", joined);
  return `${kind}:${VERSION}:${new Uint8Array(digest).toHex()}`;
}
