import { parseDuration } from "./duration.ts";
import { QueueError, quotaExceeded } from "./error.ts";
import { parseFlow } from "./flow_settings.ts";
import type { Limits } from "./limits.ts";
import type { MessageSpec } from "./message.ts";
import { NO_REDACTION, parseRedaction } from "./redaction.ts";
import { evaluate } from "./retry_delay.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const DEFAULT_RETRIES = 3;

/** What a request asks that says nothing. */
export function plainSpec(destination: string, limits: Limits): MessageSpec {
  return {
    destination,
    queueName: null,
    method: "POST",
    headers: {},
    retries: Math.min(DEFAULT_RETRIES, limits.retries),
    retryDelay: null,
    timeoutSeconds: limits.timeoutSeconds,
    delaySeconds: 0,
    notBeforeMs: null,
    dedupId: null,
    flow: null,
    labels: [],
    redact: NO_REDACTION,
    callback: null,
    failureCallback: null,
  };
}

/**
 * Reads what a request asks for, over what holds without it.
 *
 * @param base What holds where no header says otherwise.
 * @param headers Headers of the request, or of one entry of a batch.
 * @param limits Of the plan.
 * @param nowMs The clock.
 * @throws {QueueError} 400 if a header is not understood, 412 if the plan does not allow it.
 */
export function readSpec(
  base: MessageSpec,
  headers: Headers,
  limits: Limits,
  nowMs: number,
): MessageSpec {
  const spec = readSettings(base, headers, "upstash-", limits, nowMs);
  return {
    ...spec,
    callback: readCallback(spec, "callback", headers, limits, nowMs),
    failureCallback: readCallback(
      spec,
      "failure-callback",
      headers,
      limits,
      nowMs,
    ),
  };
}

/** Checks that a destination is a URL of the web. */
export function checkUrl(url: string, what: string): void {
  if (!/^https?:\/\//i.test(url)) {
    throw new QueueError(
      400,
      `invalid ${what} url: endpoint has invalid scheme, add http:// or https:// in front of "${url}"`,
    );
  }
  if (!URL.canParse(url)) {
    throw new QueueError(400, `invalid ${what} url: "${url}" is no URL`);
  }
}

/** Settings of a callback have the same headers, with the callback's name in front, and the message's own retries. */
function readCallback(
  message: MessageSpec,
  kind: "callback" | "failure-callback",
  headers: Headers,
  limits: Limits,
  nowMs: number,
): MessageSpec | null {
  const url = headers.get(`upstash-${kind}`);
  if (url === null) {
    return kind === "callback" ? message.callback : message.failureCallback;
  }
  checkUrl(url, kind);
  const base: MessageSpec = {
    ...plainSpec(url, limits),
    headers: { "content-type": "application/json" },
    retries: message.retries,
    retryDelay: message.retryDelay,
  };
  return readSettings(base, headers, `upstash-${kind}-`, limits, nowMs);
}

function readSettings(
  base: MessageSpec,
  headers: Headers,
  prefix: string,
  limits: Limits,
  nowMs: number,
): MessageSpec {
  const read = (name: string) => headers.get(prefix + name);
  const flow = parseFlow(read("flow-control-key"), read("flow-control-value"));
  const redact = read("redact-fields");
  const labels = read("label")?.split(",").map((l) => l.trim()).filter(Boolean);
  const spec: MessageSpec = {
    ...base,
    method: read("method")?.toUpperCase() ?? base.method,
    headers: { ...base.headers, ...forwarded(headers, prefix) },
    retries: wholeNumber(headers, `${prefix}retries`) ?? base.retries,
    retryDelay: read("retry-delay") ?? base.retryDelay,
    timeoutSeconds: Math.min(
      seconds(headers, `${prefix}timeout`) || base.timeoutSeconds,
      limits.timeoutSeconds,
    ),
    delaySeconds: seconds(headers, `${prefix}delay`) ?? base.delaySeconds,
    notBeforeMs: notBefore(headers, `${prefix}not-before`) ?? base.notBeforeMs,
    dedupId: read("deduplication-id") || base.dedupId,
    flow: flow ?? base.flow,
    labels: labels ?? base.labels,
    redact: redact === null ? base.redact : parseRedaction(redact),
  };
  check(spec, prefix, limits, nowMs);
  return spec;
}

function check(
  spec: MessageSpec,
  prefix: string,
  limits: Limits,
  nowMs: number,
): void {
  if (!METHODS.includes(spec.method)) {
    throw new QueueError(400, `invalid ${prefix}method: "${spec.method}"`);
  }
  if (spec.retries > limits.retries) {
    throw quotaExceeded("maxRetries", limits.retries);
  }
  const waitMs = spec.notBeforeMs === null
    ? spec.delaySeconds * 1000
    : spec.notBeforeMs - nowMs;
  if (waitMs > limits.delaySeconds * 1000) {
    throw quotaExceeded("maxDelay", limits.delaySeconds);
  }
  if (spec.retryDelay !== null) {
    try {
      evaluate(spec.retryDelay, 0);
    } catch (error) {
      throw new QueueError(400, (error as Error).message);
    }
  }
}

function forwarded(headers: Headers, prefix: string): Record<string, string> {
  const start = `${prefix}forward-`;
  const found: Record<string, string> = {};
  const contentType = headers.get("content-type");
  if (contentType && prefix === "upstash-") {
    found["content-type"] = contentType;
  }
  for (const [name, value] of headers) {
    if (name.startsWith(start) && name.length > start.length) {
      found[name.slice(start.length)] = value;
    }
  }
  return found;
}

function wholeNumber(headers: Headers, name: string): number | null {
  const text = headers.get(name);
  if (text === null) return null;
  if (!/^\d{1,9}$/.test(text)) {
    throw new QueueError(400, `invalid ${name}: "${text}" is no whole number`);
  }
  return Number(text);
}

function notBefore(headers: Headers, name: string): number | null {
  const text = headers.get(name);
  if (text === null) return null;
  if (!/^\d{1,11}$/.test(text)) {
    throw new QueueError(
      400,
      `invalid ${name}: "${text}" is no Unix time in seconds`,
    );
  }
  return Number(text) * 1000;
}

function seconds(headers: Headers, name: string): number | null {
  const text = headers.get(name);
  if (text === null) return null;
  const value = parseDuration(text);
  if (value === null || !Number.isSafeInteger(value * 1000)) {
    throw new QueueError(400, `invalid ${name}: "${text}" is no duration`);
  }
  return value;
}
