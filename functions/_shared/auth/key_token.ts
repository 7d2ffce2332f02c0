import { createHash, timingSafeEqual } from "node:crypto";

const ALPHABET =
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A new API key's parts. The token is shown once; only prefix and hash are kept. */
export function newKeyToken(): {
  readonly prefix: string;
  readonly token: string;
  readonly secretHash: Uint8Array;
} {
  const prefix = randomText(10);
  const secret = randomText(40);
  return {
    prefix,
    token: `assay_${prefix}_${secret}`,
    secretHash: hashSecret(secret),
  };
}

/** SHA-256 of a secret. A fast hash will do: the secret has 238 random bits. */
export function hashSecret(secret: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(secret).digest());
}

/** Compares in a time that does not tell where the two differ. */
export function secretMatches(secret: string, hash: Uint8Array): boolean {
  return hash.length === 32 && timingSafeEqual(hashSecret(secret), hash);
}

function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length))) {
      // 248 is the last multiple of 62 below 256: larger bytes would favour the first letters.
      if (byte < 248 && text.length < length) text += ALPHABET[byte % 62];
    }
  }
  return text;
}
