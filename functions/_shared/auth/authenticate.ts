import { AppError } from "@shared/errors.ts";
import { isUuid } from "@shared/schemas/run.ts";
import type { KeyStore } from "../store/key_store.ts";
import { readCredentials } from "./credentials.ts";
import { secretMatches } from "./key_token.ts";
import { type Principal, withImpliedScopes } from "./principal.ts";

/** Claims of a person's JWT whose signature and expiry hold; null if they do not. */
export type VerifyJwt = (
  token: string,
) => Promise<Readonly<Record<string, unknown>> | null>;

/** Proves who sends a request. */
export type Authenticate = (headers: Headers) => Promise<Principal>;

/** What proving needs. */
export interface AuthenticateDeps {
  readonly keys: KeyStore;
  readonly verifyJwt: VerifyJwt;
}

const NO_HASH = new Uint8Array(32);

/** Builds the one way from a request to a principal; it throws `unauthenticated` for anything unproven. */
export function createAuthenticate(deps: AuthenticateDeps): Authenticate {
  return async (headers) => {
    const credentials = readCredentials(headers);
    if (credentials === null) {
      throw new AppError(
        "unauthenticated",
        "Cannot tell who is calling: send Authorization: Bearer with an API key or a signed-in person's token",
      );
    }
    if (credentials.kind === "key") {
      const key = await deps.keys.find(credentials.prefix);
      // An unknown prefix is compared too, so that time does not tell it from a wrong secret.
      const matches = secretMatches(
        credentials.secret,
        key?.secretHash ?? NO_HASH,
      );
      if (key === null || !matches) {
        throw new AppError(
          "unauthenticated",
          "Cannot accept API key: it is unknown, expired or revoked",
        );
      }
      await deps.keys.noteUse(key.keyId);
      return {
        kind: "key",
        keyId: key.keyId,
        projectId: key.projectId,
        scopes: withImpliedScopes(key.scopes),
      };
    }
    const claims = await deps.verifyJwt(credentials.token);
    const userId = claims?.sub;
    if (
      claims?.role !== "authenticated" || typeof userId !== "string" ||
      !isUuid(userId)
    ) {
      throw new AppError(
        "unauthenticated",
        "Cannot accept token: it is expired, or not one of a signed-in person",
      );
    }
    return { kind: "person", userId };
  };
}
