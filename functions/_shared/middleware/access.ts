import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { AppError } from "@shared/errors.ts";
import { ROLE_SCOPES, ROUTES } from "@shared/permissions.ts";
import { isUuid } from "@shared/schemas/run.ts";
import type { KeyScope } from "@shared/types/project.ts";
import type { Authenticate } from "../auth/authenticate.ts";
import { clientAddress } from "../auth/client_address.ts";
import type { Principal } from "../auth/principal.ts";
import type { RateLimits } from "../auth/rate_limits.ts";
import type { AccessStore, Standing, Subject } from "../store/access_store.ts";
import type { EdgeEnv } from "./env.ts";

/** What the access rule needs. */
export interface AccessDeps {
  readonly authenticate: Authenticate;
  readonly access: AccessStore;
  readonly rateLimits: RateLimits;
  /** Header in which the proxy before us says where a request came from. */
  readonly addressHeader: string;
}

/**
 * The one place that decides who may call: it finds the route in the permission table and enforces what stands there, before the handler.
 * A route that is not in the table answers 500 to everybody. Where the body decides which project is meant (`decidedByBody`), the handler
 * calls `c.var.access.require`, and an answer without that is refused too.
 */
export function accessControl(
  deps: AccessDeps,
  decidedByBody: readonly string[] = [],
): MiddlewareHandler<EdgeEnv> {
  return async (c, next) => {
    const route = routeOf(c);
    if (route === null) return await next();
    const rule = ROUTES[route];
    if (rule === undefined) {
      throw new Error(`Cannot serve "${route}": it has no permission`);
    }
    if (rule === "public") return await next();

    const caller = await authenticated(deps, c.req.raw.headers);
    deps.rateLimits.countCaller(caller);
    let required = false;
    const ownScope = rule === "person" || rule === "caller" ? null : rule;
    const require = async (
      subject: Subject,
      scope: KeyScope | null = ownScope,
    ) => {
      required = true;
      const standing = isUuid(subject.id)
        ? await deps.access.find(caller, subject)
        : null;
      if (standing === null) {
        throw new AppError(
          "not_found",
          `Cannot find ${subject.kind} "${subject.id.slice(0, 50)}"`,
        );
      }
      if (scope !== null && !scopesOf(caller, standing).includes(scope)) {
        throw new AppError(
          "forbidden",
          `Cannot do this: it needs the scope "${scope}" on the project`,
        );
      }
      deps.rateLimits.countProject(standing.projectId);
      return standing;
    };
    c.set("access", { caller, require });

    if (rule === "person" && caller.kind !== "person") {
      throw new AppError(
        "forbidden",
        "Cannot do this with an API key: sign in as a person",
      );
    }
    if (ownScope === null) return await next();
    if (!decidedByBody.includes(route)) {
      await require(subjectOf(route, c.req.path));
    }
    await next();
    if (!required && c.res.ok) {
      throw new Error(`Cannot answer "${route}": nobody asked for access`);
    }
  };
}

async function authenticated(
  { authenticate, rateLimits, addressHeader }: AccessDeps,
  headers: Headers,
): Promise<Principal> {
  try {
    return await authenticate(headers);
  } catch (error) {
    if (error instanceof AppError && error.code === "unauthenticated") {
      rateLimits.countFailure(clientAddress(headers, addressHeader));
    }
    throw error;
  }
}

function scopesOf(caller: Principal, standing: Standing): readonly KeyScope[] {
  if (caller.kind === "key") return caller.scopes;
  return standing.role === null ? [] : ROLE_SCOPES[standing.role];
}

/** `METHOD /path` of the handler that will run; null if none matches. */
function routeOf(c: Context): string | null {
  const handler = matchedRoutes(c).findLast(({ method }) => method !== "ALL");
  return handler ? `${handler.method} ${handler.path}` : null;
}

function subjectOf(route: string, path: string): Subject {
  const names = route.split(" ")[1]!.split("/");
  const values = path.split("/");
  for (
    const kind of ["run", "job", "model", "dataset", "project"] as const
  ) {
    const at = names.indexOf(`:${kind}_id`);
    if (at >= 0) return { kind, id: values[at] ?? "" };
  }
  throw new Error(`Cannot serve "${route}": its path names no project`);
}
