import type { Context } from "hono";
import { AppError, ERRORS } from "@shared/errors.ts";
import type { ErrorBody } from "@shared/types/page.ts";
import { errorFacts } from "../log.ts";
import type { EdgeEnv } from "./env.ts";

/**
 * Turns any thrown value into the one error body of the edge.
 *
 * @param error What a route or middleware threw.
 * @param c Context of the request.
 * @returns A response with {@linkcode ErrorBody}.
 */
export function errorResponse(error: Error, c: Context<EdgeEnv>): Response {
  const known = error instanceof AppError
    ? error
    : new AppError("internal", "Internal error");
  const { status, retryable } = ERRORS[known.code];
  if (status >= 500) c.var.log.error("error", errorFacts(error));
  if (retryable) {
    c.header("Retry-After", String(known.details?.retry_after_s ?? 1));
  }
  const body: ErrorBody = {
    error: {
      code: known.code,
      message: known.message,
      ...(known.details ? { details: known.details } : {}),
      request_id: c.var.requestId,
    },
  };
  return c.json(body, status);
}
