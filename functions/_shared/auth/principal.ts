import { KEY_SCOPES } from "@shared/permissions.ts";
import type { KeyScope } from "@shared/types/project.ts";

/** Who is calling, proven. */
export type Principal =
  | {
    readonly kind: "key";
    readonly keyId: string;
    readonly projectId: string;
    /** With those its own scopes bring along. */
    readonly scopes: readonly KeyScope[];
  }
  | {
    readonly kind: "person";
    readonly userId: string;
  };

/** Scopes a key with these scopes has, one brought by another included. */
export function withImpliedScopes(scopes: readonly KeyScope[]): KeyScope[] {
  return [...new Set(scopes.flatMap((scope) => KEY_SCOPES[scope]))];
}

/** Claims that every policy reads; a key's are set by the edge alone. */
export function claimsOf(principal: Principal): Record<string, string> {
  return principal.kind === "key"
    ? { key_id: principal.keyId, project_id: principal.projectId }
    : { sub: principal.userId, role: "authenticated" };
}
