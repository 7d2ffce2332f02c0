import { Cron } from "croner";
import { QueueError } from "./error.ts";

/**
 * Next time of a cron expression: five fields in UTC, or `CRON_TZ=America/New_York 0 4 * * *`.
 *
 * @param expression As the caller wrote it.
 * @param afterMs Milliseconds since 1970; the result is later.
 * @throws {QueueError} 400 if it is none, or never comes.
 */
export function nextRun(expression: string, afterMs: number): Date {
  const { zone = "UTC", fields = "" } =
    /^(?:(?:CRON_)?TZ=(?<zone>\S+)\s+)?(?<fields>\S+(?:\s+\S+){4})$/
      .exec(expression.trim())?.groups ?? {};
  try {
    const next = new Cron(fields, { timezone: zone, paused: true })
      .nextRun(new Date(afterMs));
    if (next) return next;
  } catch { /* said below */ }
  throw new QueueError(400, `invalid cron "${expression}"`);
}
