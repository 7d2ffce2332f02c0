import type { Context } from "hono";
import { AppError } from "@shared/errors.ts";

/**
 * The request's JSON, parsed. `Content-Type` is not asked for: curl's default names a form.
 *
 * @param c Context of the request.
 * @param parse Parser of `shared/schemas`.
 * @param empty What an empty body stands for; without it an empty body is refused.
 */
export async function jsonBody<T>(
  c: Context,
  parse: (value: unknown) => T,
  empty?: unknown,
): Promise<T> {
  const body = await c.req.text();
  if (body.trim() === "" && empty !== undefined) return parse(empty);
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // The parser's own message quotes the body.
    throw new AppError("validation_failed", "Cannot parse body: it is no JSON");
  }
  return parse(value);
}
