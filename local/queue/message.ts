import { QueueError } from "./error.ts";

/** What a caller asked to be delivered, as its headers say. */
export interface MessageSpec {
  /** Destination, exactly as it stood in the request. */
  readonly url: string;
  /** HTTP method of the delivery. */
  readonly method: string;
  /** Headers to forward. */
  readonly headers: Readonly<Record<string, string>>;
  /** Most attempts after the first. */
  readonly retries: number;
  /** Expression in milliseconds over `retried`; null: the service's own back-off. */
  readonly retryDelay: string | null;
  /** Longest wait for an answer. */
  readonly timeoutSeconds: number;
  /** Earliest delivery, milliseconds since 1970. */
  readonly notBeforeMs: number;
  /** Messages of one key within ten minutes are one; null: never. */
  readonly dedupId: string | null;
  /** Key that bounds how many are in flight at once; null: none. */
  readonly flowKey: string | null;
  /** That bound. */
  readonly flowParallelism: number | null;
}

const DEFAULT_RETRIES = 3;
const DEFAULT_TIMEOUT_SECONDS = 900; // the free plan's longest
const UNSUPPORTED = [
  "upstash-callback",
  "upstash-failure-callback",
  "upstash-queue-name",
];

/**
 * Reads what a publish request asks for.
 *
 * @param url Destination.
 * @param headers Headers of the request, or of one entry of a batch.
 * @param nowMs The clock.
 * @throws {QueueError} 400 with a sentence if a header is not understood.
 */
export function parseMessage(
  url: string,
  headers: Headers,
  nowMs: number,
): MessageSpec {
  if (!/^https?:\/\//.test(url)) {
    throw new QueueError(
      400,
      `invalid destination url: endpoint has invalid scheme, add http:// or https:// in front of "${url}"`,
    );
  }
  for (const name of UNSUPPORTED) {
    if (headers.has(name)) {
      throw new QueueError(400, `the local queue does not know ${name} yet`);
    }
  }
  const forward: Record<string, string> = {};
  const contentType = headers.get("content-type");
  if (contentType) forward["content-type"] = contentType;
  for (const [name, value] of headers) {
    const match = /^upstash-forward-(.+)$/.exec(name);
    if (match) forward[match[1]!] = value;
  }
  return {
    url,
    method: headers.get("upstash-method")?.toUpperCase() ?? "POST",
    headers: forward,
    retries: wholeNumber(headers, "upstash-retries") ?? DEFAULT_RETRIES,
    retryDelay: headers.get("upstash-retry-delay"),
    timeoutSeconds: seconds(headers, "upstash-timeout") ??
      DEFAULT_TIMEOUT_SECONDS,
    notBeforeMs: notBefore(headers, nowMs),
    dedupId: headers.get("upstash-deduplication-id"),
    flowKey: headers.get("upstash-flow-control-key"),
    flowParallelism: parallelism(headers),
  };
}

function notBefore(headers: Headers, nowMs: number): number {
  const at = wholeNumber(headers, "upstash-not-before");
  if (at !== null) return at * 1000;
  return nowMs + (seconds(headers, "upstash-delay") ?? 0) * 1000;
}

function wholeNumber(headers: Headers, name: string): number | null {
  const text = headers.get(name);
  if (text === null) return null;
  if (!/^\d+$/.test(text)) {
    throw new QueueError(400, `invalid ${name}: "${text}" is no whole number`);
  }
  return Number(text);
}

/** Durations as `90`, `90s`, `5m`, `2h`, `1d`, or several in a row. */
function seconds(headers: Headers, name: string): number | null {
  const text = headers.get(name);
  if (text === null) return null;
  if (/^\d+$/.test(text)) return Number(text);
  if (!/^(\d+[smhd])+$/.test(text)) {
    throw new QueueError(400, `invalid ${name}: "${text}" is no duration`);
  }
  const units: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };
  return [...text.matchAll(/(\d+)([smhd])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * units[unit!]!,
    0,
  );
}

function parallelism(headers: Headers): number | null {
  const value = headers.get("upstash-flow-control-value");
  const match = value && /parallelism=(\d+)/.exec(value);
  return match ? Number(match[1]) : null;
}
