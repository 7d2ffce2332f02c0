import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { join } from "node:path";
import type { LoginRole } from "./database/migrate.ts";
import { readJson, writePrivate } from "./home.ts";

/** Secrets of one installation: random, made once, readable by their owner only. */
export interface Installation {
  /** Signs the service key. */
  readonly jwtSecret: string;
  /** Signs people's tokens; private part included. */
  readonly signingJwk: JWK;
  /** Bearer token of the queue's callers. */
  readonly queueToken: string;
  /** Signs deliveries. */
  readonly currentSigningKey: string;
  /** Will sign deliveries after a rotation. */
  readonly nextSigningKey: string;
  /** Signs a person in, once printed. */
  readonly loginToken: string;
  /** Password of each login role. */
  readonly passwords: Readonly<Record<LoginRole, string>>;
  /** First project and key, once made. */
  readonly first?: {
    readonly projectId: string;
    readonly userId: string;
    readonly apiKey: string;
  };
}

/** The folder's secrets, made on first use. */
export async function loadInstallation(home: string): Promise<Installation> {
  const path = join(home, "installation.json");
  const known = await readJson<Installation>(path);
  if (known) return known;
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const made: Installation = {
    jwtSecret: randomText(40),
    signingJwk: {
      ...await exportJWK(privateKey),
      alg: "ES256",
      kid: randomText(8),
    },
    queueToken: randomText(40),
    currentSigningKey: `sig_${randomText(28)}`,
    nextSigningKey: `sig_${randomText(28)}`,
    loginToken: randomText(32),
    passwords: {
      assay_edge: randomText(32),
      assay_worker: randomText(32),
      assay_queue: randomText(32),
      supabase_storage_admin: randomText(32),
      authenticator: randomText(32),
    },
  };
  await writePrivate(path, JSON.stringify(made, null, 2));
  return made;
}

/** Keeps what was made after the secrets. */
export async function saveInstallation(
  home: string,
  installation: Installation,
): Promise<void> {
  await writePrivate(
    join(home, "installation.json"),
    JSON.stringify(installation, null, 2),
  );
}

/** Public keys that people's tokens are checked with. */
export function publicKeys({ signingJwk }: Installation): { keys: JWK[] } {
  const { d: _, ...publicJwk } = signingJwk;
  return { keys: [{ ...publicJwk, use: "sig" }] };
}

/** Key that programs write to Storage with. */
export function serviceKey({ jwtSecret }: Installation): Promise<string> {
  return new SignJWT({ role: "service_role", iss: "assay-local" })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuedAt()
    .setExpirationTime("10y")
    .sign(new TextEncoder().encode(jwtSecret));
}

const LETTERS =
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Random letters and digits, each of 62 equally likely. */
export function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length * 2))) {
      if (byte < 248 && text.length < length) text += LETTERS[byte % 62];
    }
  }
  return text;
}
