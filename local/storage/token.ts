import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";

/** Who asks: the database role and the claims that policies read. */
export interface Caller {
  /** Role the request's transaction takes. */
  readonly role: "anon" | "authenticated" | "service_role";
  /** Claims of the JWT. */
  readonly claims: Readonly<Record<string, unknown>>;
}

const ROLES: readonly string[] = ["anon", "authenticated", "service_role"];

/** Checks JWTs signed with the installation's secret (keys) or by its key pair (people). */
export function tokenVerifier(
  secret: string,
  jwks: JSONWebKeySet,
): (authorization: string | undefined) => Promise<Caller | null> {
  const hmac = new TextEncoder().encode(secret);
  const keys = createLocalJWKSet(jwks);
  return async (authorization) => {
    const token = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1];
    if (!token) return null;
    for (
      const verify of [
        () => jwtVerify(token, hmac, { algorithms: ["HS256"] }),
        () => jwtVerify(token, keys, { algorithms: ["ES256", "RS256"] }),
      ]
    ) {
      try {
        const { payload } = await verify();
        const role = String(payload.role);
        return ROLES.includes(role)
          ? { role: role as Caller["role"], claims: payload }
          : null;
      } catch { /* signed by the other, or by nobody we know */ }
    }
    return null;
  };
}
