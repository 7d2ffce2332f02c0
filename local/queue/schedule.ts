import { nextRun } from "./cron.ts";
import type { QueueDeps } from "./deps.ts";
import {
  checkName,
  draftsOf,
  type PublishRequest,
  readRequest,
} from "./publish.ts";

/**
 * Makes or changes the schedule a request asks for.
 *
 * @returns Its id.
 * @throws {QueueError} If it could never publish.
 */
export async function createSchedule(
  { store, limits, now }: QueueDeps,
  request: PublishRequest,
): Promise<string> {
  const nowMs = now();
  const { headers, body, callerIp } = request;
  const spec = {
    ...readRequest(request, limits, nowMs),
    notBeforeMs: null, // a message of a schedule waits only by `Upstash-Delay`
    dedupId: null,
  };
  await draftsOf(spec, request, store.topics, nowMs); // refuses a destination that is none
  const id = headers.get("upstash-schedule-id") ??
    `scd_${crypto.randomUUID().replaceAll("-", "")}`;
  checkName(id, "schedule id");
  const cron = headers.get("upstash-cron")?.trim() ?? "";
  const nextAt = nextRun(cron, nowMs);
  if (spec.queueName !== null) {
    await store.queues.ensure(spec.queueName, limits.queues, nowMs);
  }
  await store.schedules.put({ id, cron, spec, nextAt, callerIp }, body, nowMs);
  return id;
}
