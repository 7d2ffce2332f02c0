/**
 * An edge without a database: for the tests of what stands before every handler. Runs on Deno 2.1 too.
 *
 * @module
 */
import { AppError } from "@shared/errors.ts";
import {
  createRateLimits,
  RATE_LIMITS,
  type RateLimitSettings,
} from "../auth/rate_limits.ts";
import type { Principal } from "../auth/principal.ts";
import { createLogger } from "../log.ts";
import type { StackDeps } from "../middleware/stack.ts";
import type { Standing } from "../store/access_store.ts";

/** A project that the fake callers belong to. */
export const PROJECT_ID = "11111111-1111-4111-8111-111111111111";

/** Callers by the text of their `Authorization` header. */
export const CALLERS: Readonly<Record<string, Principal>> = {
  key: {
    kind: "key",
    keyId: "22222222-2222-4222-8222-222222222222",
    projectId: PROJECT_ID,
    scopes: ["read", "ingest"],
  },
  viewer: { kind: "person", userId: "33333333-3333-4333-8333-333333333333" },
};

/** Deps of a stack; `logged` collects its lines. */
export function fakeStack(
  limits: RateLimitSettings = RATE_LIMITS,
): StackDeps & { readonly logged: string[] } {
  const logged: string[] = [];
  return {
    logged,
    log: createLogger((line) => logged.push(line), () => new Date(0)),
    allowedOrigins: ["https://console.test"],
    ready: () => Promise.resolve(),
    rateLimits: createRateLimits(limits, () => 0),
    addressHeader: "x-forwarded-for",
    authenticate: (headers) => {
      const caller = CALLERS[headers.get("authorization") ?? ""];
      if (caller) return Promise.resolve(caller);
      throw new AppError("unauthenticated", "Who is calling?");
    },
    access: {
      find: (caller, { id }): Promise<Standing | null> =>
        Promise.resolve(
          id === PROJECT_ID
            ? {
              projectId: PROJECT_ID,
              role: caller.kind === "person" ? "viewer" : null,
            }
            : null,
        ),
    },
  };
}
