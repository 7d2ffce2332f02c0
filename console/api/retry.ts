/** Wait before attempt `attempt + 1`: 0.4 s, doubled each time, at most 30 s, spread by a quarter so that tabs do not march in step. */
export function retryDelayMs(
  attempt: number,
  random: () => number = Math.random,
): number {
  const base = Math.min(30_000, 400 * 2 ** (attempt - 1));
  return Math.round(base * (0.75 + random() / 2));
}

/** Resolves after `ms`, or rejects when `signal` aborts first. */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
