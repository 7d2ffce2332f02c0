import { AssayError } from "./error.ts";

/** One request. */
export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Its whole answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const ANSWER_MS = 60_000;
/** What a slow line takes: 0.4 Mbit/s. */
const SLOWEST_BYTES_A_MS = 50;
const MOST_RETRY_AFTER_S = 60;

/**
 * Sends one request, once, and reads its answer, whatever its status.
 *
 * @throws {AssayError} `unreachable` if there is none in time.
 * @throws The reason of `signal`.
 */
export async function exchange(request: HttpRequest): Promise<HttpAnswer> {
  const { url, method, headers, body, signal } = request;
  signal?.throwIfAborted();
  const mostMs = ANSWER_MS + (body?.length ?? 0) / SLOWEST_BYTES_A_MS;
  const ending = new AbortController(); // AbortSignal.any() is younger than Node 20.0
  const stop = () => ending.abort(signal!.reason);
  signal?.addEventListener("abort", stop, { once: true });
  const timer = setTimeout(
    () =>
      ending.abort(new Error(`no answer in ${Math.round(mostMs / 1000)} s`)),
    mostMs,
  );
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...body === undefined ? {} : { body },
      signal: ending.signal,
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text };
  } catch (error) {
    signal?.throwIfAborted();
    throw new AssayError(
      "unreachable",
      0,
      `Cannot reach ${new URL(url).origin} (${why(error)})`,
    );
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

/** The error that an answer is. */
export function errorOf({ status, headers, text }: HttpAnswer): AssayError {
  const asked = headers.get("retry-after")?.trim() || NaN; // "" is no number
  const seconds = Math.min(MOST_RETRY_AFTER_S, Number(asked));
  const retryAfterMs = seconds >= 0 ? seconds * 1000 : null;
  try {
    const { error } = JSON.parse(text);
    const { code, message, details } = error;
    if (typeof code !== "string") throw new TypeError("It is not of ours");
    return new AssayError(code, status, message, details, retryAfterMs);
  } catch {
    return new AssayError(
      "http_error",
      status,
      `The server answered ${status}: ${text.slice(0, 200).trim()}`,
      {},
      retryAfterMs,
    );
  }
}

/** Node says "fetch failed" and keeps the reason in the cause. */
function why(error: unknown): string {
  const { message, cause } = error as Error & {
    cause?: { message?: string; code?: string };
  };
  const deeper = cause?.message || cause?.code;
  return deeper && !message.includes(deeper)
    ? `${message}: ${deeper}`
    : message;
}
