import type { Context, Hono } from "hono";
import { AppError } from "@shared/errors.ts";
import type { EdgeEnv } from "./env.ts";
import { errorResponse } from "./error_response.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** Answers 405 where another method would have matched, else 404. */
export function notFound(
  app: Hono<EdgeEnv>,
): (c: Context<EdgeEnv>) => Response {
  return (c) => {
    const allowed = METHODS.filter((method) =>
      app.router.match(method, c.req.path)[0]
        .some(([[, route]]) => route.method === method)
    );
    if (allowed.length === 0) {
      return errorResponse(
        new AppError("not_found", "Cannot find this address"),
        c,
      );
    }
    c.header("Allow", allowed.join(", "));
    return errorResponse(
      new AppError(
        "method_not_allowed",
        `Cannot use this method here: use ${allowed.join(" or ")}`,
      ),
      c,
    );
  };
}
