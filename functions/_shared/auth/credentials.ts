/** What a request shows to say who it is; nothing of it is proven yet. */
export type Credentials =
  | {
    readonly kind: "key";
    readonly prefix: string;
    readonly secret: string;
  }
  | {
    readonly kind: "jwt";
    readonly token: string;
  };

const BEARER_REGEXP = /^Bearer +([^\s]{1,8192})$/i;
const KEY_REGEXP = /^assay_([0-9A-Za-z]{8,16})_([0-9A-Za-z]{20,100})$/;
const JWT_REGEXP = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Credentials of `Authorization: Bearer …`; null without any that could be ours. */
export function readCredentials(headers: Headers): Credentials | null {
  const token = BEARER_REGEXP.exec(headers.get("authorization") ?? "")?.[1];
  if (token === undefined) return null;
  const key = KEY_REGEXP.exec(token);
  if (key) return { kind: "key", prefix: key[1]!, secret: key[2]! };
  return JWT_REGEXP.test(token) ? { kind: "jwt", token } : null;
}
