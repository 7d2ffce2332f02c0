import { Buffer } from "node:buffer";
import { type Answer, type Draft, dueMs, type Message } from "./message.ts";
import { headerLists } from "./show.ts";

/**
 * The message that tells a callback URL of an attempt.
 *
 * @param message What was delivered.
 * @param kind Which of its callbacks.
 * @param answer What came of it.
 * @param dlqId Where a message that failed for good lies now; null: it did not.
 * @param nowMs The clock.
 * @returns Null if the message has no such callback.
 */
export function callbackDraft(
  message: Message,
  kind: "callback" | "failureCallback",
  answer: Answer,
  dlqId: string | null,
  nowMs: number,
): Draft | null {
  const spec = message.spec[kind];
  if (spec === null) return null;
  const told = answer.error === null
    ? answer.body
    : new TextEncoder().encode(answer.error);
  const body = {
    status: answer.status ?? 0,
    header: headerLists(answer.headers),
    body: Buffer.from(told).toString("base64"),
    retried: message.retried,
    maxRetries: message.spec.retries,
    ...dlqId !== null && { dlqId },
    sourceMessageId: message.id,
    ...message.topicName !== null && { topicName: message.topicName },
    ...message.endpointName !== null && { endpointName: message.endpointName },
    url: message.spec.destination,
    method: message.spec.method,
    sourceHeader: headerLists(message.spec.headers),
    sourceBody: Buffer.from(message.body).toString("base64"),
    notBefore: String(message.notBefore.getTime()),
    createdAt: String(message.createdAt.getTime()),
    ...message.scheduleId !== null && { scheduleId: message.scheduleId },
    ...message.callerIp !== null && { callerIP: message.callerIp },
  };
  return {
    spec,
    url: spec.destination,
    body: new TextEncoder().encode(JSON.stringify(body)),
    notBeforeMs: dueMs(spec, nowMs),
    callerIp: message.callerIp,
    sourceId: message.id,
    sourceQueue: message.spec.queueName ?? undefined,
  };
}
