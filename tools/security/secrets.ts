import type { Installation } from "../../local/installation.ts";
import { serviceKey } from "../../local/installation.ts";

/** Everything of an installation that opens a door, by what it is. */
export async function secretsOf(
  installation: Installation,
): Promise<Map<string, string>> {
  const { passwords, signingJwk, first } = installation;
  return new Map([
    ["jwtSecret", installation.jwtSecret],
    ["signingJwk.d", signingJwk.d!],
    ["queueToken", installation.queueToken],
    ["currentSigningKey", installation.currentSigningKey],
    ["nextSigningKey", installation.nextSigningKey],
    ["loginToken", installation.loginToken],
    ["secret of the first key", secretPart(first!.apiKey)],
    [
      "signature of the service key",
      secretPart(await serviceKey(installation)),
    ],
    ...Object.entries(passwords).map(([role, password]) =>
      [`password of ${role}`, password] as const
    ),
  ]);
}

/** The part of a token that makes it one: a key's secret, a JWT's signature. */
export function secretPart(token: string): string {
  return token.includes(".")
    ? token.split(".").at(-1)! // its base64url may hold "_", too
    : token.split("_").slice(2).join("_");
}

/** Names of the secrets that a text has: as they are, or in base64. */
export function secretsIn(
  text: string,
  secrets: ReadonlyMap<string, string>,
): string[] {
  return [...secrets].filter(([, secret]) =>
    text.includes(secret) || text.includes(btoa(secret).replace(/=+$/, ""))
  ).map(([name]) => name);
}
