import { AssayError } from "./error.ts";

const FIRST_DELAY_MS = 200;
const MOST_DELAY_MS = 5000;

/** How long to try, and what ends it sooner. */
export interface RetryOptions {
  /** How long to try after the first failure, in milliseconds: what failed may have taken longer. */
  readonly giveUpMs: number;
  /** Ends it at once. */
  readonly signal?: AbortSignal | undefined;
}

/** No answer; took too long; locked, by a request that the server does not know to be broken; too early; too many. */
const PASSING = [0, 408, 423, 425, 429];

/** Whether the same request may go through later: no answer, an overloaded server, or one with a fault of its own. */
export function isRetryable(error: unknown): error is AssayError {
  return error instanceof AssayError &&
    (PASSING.includes(error.status) || error.status >= 500);
}

/**
 * Tries what may be done twice without harm until it goes through, with growing pauses, or those that the server asks for.
 *
 * @param attempt Rejects with an {@linkcode AssayError}; one that is not retryable ends it.
 * @throws {AssayError} The last one.
 * @throws The reason of `signal`.
 */
export async function retry<T>(
  attempt: () => Promise<T>,
  { giveUpMs, signal }: RetryOptions,
): Promise<T> {
  let until: number | null = null;
  for (let tries = 0;; tries++) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!isRetryable(error)) throw error;
      const waitMs = delayMs(error, tries);
      const now = Date.now();
      until ??= now + giveUpMs;
      if (now + waitMs > until) throw error;
      await pause(waitMs, signal);
    }
  }
}

/** How long to wait after a failure, the first of which is number 0. */
export function delayMs({ retryAfterMs }: AssayError, tries: number): number {
  return retryAfterMs ?? Math.min(MOST_DELAY_MS, FIRST_DELAY_MS * 2 ** tries);
}

/**
 * Waits.
 *
 * @throws The reason of `signal`.
 */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
