import {
  createLocalJWKSet,
  decodeProtectedHeader,
  type JSONWebKeySet,
  jwtVerify,
  SignJWT,
} from "jose";
import { StorageError } from "./error.ts";

/** Who asks: the database role and the claims that policies read. */
export interface Caller {
  /** Role the request's transaction takes. */
  readonly role: "anon" | "authenticated" | "service_role";
  /** Claims of the JWT. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Whoever carries a signed URL acts as this, on the one object it names. */
export const SERVICE: Caller = { role: "service_role", claims: {} };

const ROLES: readonly string[] = ["anon", "authenticated", "service_role"];

/**
 * Checks JWTs signed with the installation's secret (keys) or by its key pair (people).
 *
 * @returns A function from an `Authorization` header to its caller, that throws {@linkcode StorageError} `AccessDenied` for any other.
 */
export function tokenVerifier(
  secret: string,
  jwks: JSONWebKeySet,
): (authorization: string | undefined) => Promise<Caller> {
  const hmac = new TextEncoder().encode(secret);
  const keys = createLocalJWKSet(jwks);
  return async (authorization) => {
    if (authorization === undefined) {
      throw new StorageError(
        "BadBody",
        "headers must have required property 'authorization'",
      );
    }
    const token = authorization.replace(/^Bearer\s+/i, "");
    let role: string;
    let claims: Readonly<Record<string, unknown>>;
    try {
      const { payload } = decodeProtectedHeader(token).alg === "HS256"
        ? await jwtVerify(token, hmac, { algorithms: ["HS256"] })
        : await jwtVerify(token, keys, { algorithms: ["ES256", "RS256"] });
      claims = payload;
      role = String(payload.role);
    } catch (error) {
      throw new StorageError(
        "AccessDenied",
        error instanceof TypeError
          ? "Invalid Compact JWS"
          : (error as Error).message,
      );
    }
    if (!ROLES.includes(role)) { // a signed URL's token has none
      throw new StorageError("AccessDenied", "Access denied: Invalid role");
    }
    return { role: role as Caller["role"], claims };
  };
}

/** What a signed URL allows. */
export type SignedScope = "download" | "upload";

/** Claims of a signed URL's token. */
export interface SignedClaims {
  /** When it ends, in seconds since 1970. */
  readonly exp: number;
  /** Uploads only: whether an object that is there may be replaced. */
  readonly upsert: boolean;
  /** Uploads only: account of whoever asked for the URL, if a person did. */
  readonly owner?: string;
}

/** Makes and checks the tokens of signed URLs, with the installation's secret. */
export interface UrlSigner {
  /** A token for one object and one action, good for `seconds`. */
  sign(
    scope: SignedScope,
    bucket: string,
    key: string,
    seconds: number,
    claims?: { readonly upsert: boolean; readonly owner?: string },
  ): Promise<string>;
  /** Throws {@linkcode StorageError} `InvalidJWT` if forged or expired, `InvalidSignature` if it is for another object or action. */
  verify(
    scope: SignedScope,
    bucket: string,
    key: string,
    token: string,
  ): Promise<SignedClaims>;
}

/** A signer with the installation's secret. */
export function urlSigner(secret: string): UrlSigner {
  const hmac = new TextEncoder().encode(secret);
  return {
    sign: (scope, bucket, key, seconds, claims) =>
      new SignJWT({ url: `${bucket}/${key}`, ...claims, scope })
        .setProtectedHeader({ alg: "HS256" })
        .setIssuedAt()
        .setExpirationTime(`${seconds}s`)
        .sign(hmac),
    async verify(scope, bucket, key, token) {
      let claims: Record<string, unknown>;
      try {
        claims = (await jwtVerify(token, hmac, {
          algorithms: ["HS256"],
          requiredClaims: ["exp"],
        })).payload;
      } catch (error) {
        throw new StorageError("InvalidJWT", (error as Error).message);
      }
      if (claims.scope !== scope) {
        throw new StorageError(
          "InvalidSignature",
          `Token is not scoped for ${scope}`,
        );
      }
      if (claims.url !== `${bucket}/${key}`) {
        throw new StorageError("InvalidSignature");
      }
      return claims as unknown as SignedClaims;
    },
  };
}
