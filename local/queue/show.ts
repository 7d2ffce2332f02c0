/**
 * What the API shows of what the queue keeps: the service's names, its header spelling, redacted values as hashes.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { dlqIdOf, type Message, type MessageSpec } from "./message.ts";
import { redacted } from "./redaction.ts";
import type { MessageEvent } from "./store/events.ts";
import type { Schedule } from "./store/schedules.ts";

type Json = Record<string, unknown>;

/** A message, as `GET /v2/messages/:id` answers. */
export function shownMessage(message: Message): Json {
  const { spec } = message;
  return compact({
    messageId: message.id,
    url: spec.destination,
    topicName: message.topicName,
    endpointName: message.endpointName,
    method: spec.method,
    header: shownHeaders(spec),
    ...shownBody(message.body, spec),
    maxRetries: spec.retries,
    retryDelayExpression: spec.retryDelay,
    notBefore: message.notBefore.getTime(),
    createdAt: message.createdAt.getTime(),
    scheduleId: message.scheduleId,
    callerIP: message.callerIp,
    ...shownSettings(spec),
  });
}

/** A dead letter, as `GET /v2/dlq` answers. */
export function shownDeadLetter(message: Message): Json {
  const { lastAnswer } = message;
  return compact({
    ...shownMessage(message),
    dlqId: dlqIdOf(message, message.endedAt!.getTime()),
    responseStatus: lastAnswer?.status,
    responseHeader: lastAnswer && headerLists(lastAnswer.headers),
    ...lastAnswer && prefixed(
      "response",
      textOrBase64(
        lastAnswer.error === null
          ? lastAnswer.body
          : new TextEncoder().encode(lastAnswer.error),
      ),
    ),
  });
}

/** An event, as `GET /v2/events` answers; bodies are base64. */
export function shownEvent(event: MessageEvent): Json {
  const { message, answer } = event;
  const { spec } = message;
  return compact({
    time: event.at.getTime(),
    state: event.state,
    messageId: message.id,
    nextDeliveryTime: event.nextAt?.getTime(),
    error: answer?.error ??
      (answer && event.state === "ERROR" ? `status ${answer.status}` : null),
    url: spec.destination,
    topicName: message.topicName,
    endpointName: message.endpointName,
    scheduleId: message.scheduleId,
    method: spec.method,
    header: shownHeaders(spec),
    body: spec.redact.body
      ? redacted(message.body)
      : Buffer.from(message.body).toString("base64"),
    responseStatus: answer?.status,
    ...event.state === "ERROR" && answer && {
      responseHeaders: headerLists(answer.headers),
      responseBody: Buffer.from(answer.body).toString("base64"),
    },
    timeout: spec.timeoutSeconds * 1000,
    callbackHeaders: spec.callback && headerLists(spec.callback.headers),
    failureCallbackHeaders: spec.failureCallback &&
      headerLists(spec.failureCallback.headers),
    maxRetries: spec.retries,
    retryDelayExpression: spec.retryDelay,
    callerIP: message.callerIp,
    ...shownSettings(spec),
  });
}

/** A schedule, as `GET /v2/schedules` answers. */
export function shownSchedule(schedule: Schedule): Json {
  const { spec } = schedule;
  return compact({
    scheduleId: schedule.id,
    cron: schedule.cron,
    createdAt: schedule.createdAt.getTime(),
    destination: spec.destination,
    method: spec.method,
    header: shownHeaders(spec),
    ...shownBody(schedule.body, spec),
    retries: spec.retries,
    delay: spec.delaySeconds || null,
    retryDelayExpression: spec.retryDelay,
    callerIP: schedule.callerIp,
    isPaused: schedule.isPaused,
    lastScheduleTime: schedule.lastAt?.getTime(),
    nextScheduleTime: schedule.nextAt.getTime(),
    lastScheduleStates: Object.keys(schedule.lastStates).length > 0
      ? schedule.lastStates
      : null,
    ...shownSettings(spec),
  });
}

/** Headers by canonical name, such as `Content-Type`, each with its values. */
export function headerLists(
  headers: Readonly<Record<string, string>>,
): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [canonical(name), [value]]),
  );
}

function shownHeaders(spec: MessageSpec): Record<string, string[]> {
  const hidden = spec.redact.headers;
  return headerLists(Object.fromEntries(
    Object.entries(spec.headers).map(([name, value]) => [
      name,
      hidden === true || hidden.includes(name) ? redacted(value) : value,
    ]),
  ));
}

function shownBody(body: Uint8Array, spec: MessageSpec): Json {
  return spec.redact.body && body.length > 0
    ? { body: redacted(body) }
    : prefixed("", textOrBase64(body));
}

function shownSettings(spec: MessageSpec): Json {
  return {
    callback: spec.callback?.destination,
    failureCallback: spec.failureCallback?.destination,
    queueName: spec.queueName,
    flowControlKey: spec.flow?.key,
    parallelism: spec.flow?.parallelism,
    rate: spec.flow?.rate,
    period: spec.flow?.rate ? spec.flow.periodSeconds : null,
    ...spec.labels.length > 0 && { label: spec.labels[0], labels: spec.labels },
  };
}

function textOrBase64(bytes: Uint8Array): { body?: string; base64?: string } {
  if (bytes.length === 0) return {};
  try {
    return {
      body: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
        .decode(bytes),
    };
  } catch {
    return { base64: Buffer.from(bytes).toString("base64") };
  }
}

function prefixed(
  prefix: "" | "response",
  { body, base64 }: { body?: string; base64?: string },
): Json {
  return prefix === ""
    ? { body, bodyBase64: base64 }
    : { responseBody: body, responseBodyBase64: base64 };
}

function canonical(name: string): string {
  return name.split("-").map((part) =>
    part.slice(0, 1).toUpperCase() + part.slice(1).toLowerCase()
  ).join("-");
}

function compact(json: Json): Json {
  return Object.fromEntries(
    Object.entries(json).filter(([, value]) =>
      value !== undefined && value !== null
    ),
  );
}
