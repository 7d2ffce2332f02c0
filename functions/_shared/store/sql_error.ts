import { AppError } from "@shared/errors.ts";

/** Codes of postgres.js and of sockets for a server that is not there. */
const AWAY = new Set([
  "CONNECT_TIMEOUT",
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EHOSTUNREACH",
]);

/** Codes of a value that PostgreSQL cannot read or hold: dates, numbers, ids and characters that are none to it. */
const UNFIT = new Set([
  "22003",
  "22007",
  "22008",
  "22009",
  "22021",
  "22P02",
  "22P05",
]);

/** Gives what a caller can act on an error code; anything else stays as it is, and is a bug. */
export function translateSqlError(error: unknown): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  if (error instanceof AppError || typeof code !== "string") return error;
  const wrap = (
    appCode: ConstructorParameters<typeof AppError>[0],
    message: string,
  ) => new AppError(appCode, message, { cause: error });
  if (AWAY.has(code) || /^(08|53|57P|25006)/.test(code)) {
    return wrap(
      "upstream_unavailable",
      "Cannot reach the database: try again soon",
    );
  }
  if (code === "57014") {
    return wrap(
      "upstream_unavailable",
      "Cannot answer in time: ask for less, or try again",
    );
  }
  if (code === "40001" || code === "40P01" || code === "55P03") {
    return wrap(
      "upstream_unavailable",
      "Cannot write beside another request: try again",
    );
  }
  if (UNFIT.has(code)) {
    return wrap(
      "validation_failed",
      "Cannot use a value of this request: it is none that the database can hold",
    );
  }
  if (code === "42501") {
    return wrap("forbidden", "Cannot do this: not allowed in this project");
  }
  return error;
}

/** Whether an error is a violation of this constraint. */
export function violates(error: unknown, constraint: string): boolean {
  return (error as { constraint_name?: unknown } | null)?.constraint_name ===
    constraint;
}
