/** How long Storage is waited for. */
export interface Patience {
  /** Most milliseconds of one try: one that hangs must not hold a task for ever, whose heartbeat goes on. */
  readonly timeoutMs: number;
  /** Milliseconds before each further try. */
  readonly delaysMs: readonly number[];
}

type Fetch = (
  input: string | URL | Request,
  init?: RequestInit,
) => Promise<Response>;

/**
 * A fetch that tries again when nobody answers, or the answer is 429 or 5xx: Storage that starts again must not cost a task an attempt. Only
 * for requests that may arrive twice, with bodies that can be read twice: all of the worker's are such.
 *
 * @param send What sends one request.
 */
export function patientFetch(
  send: Fetch,
  { timeoutMs, delaysMs }: Patience,
): Fetch {
  return async (input, init) => {
    for (let tries = 0;; tries++) {
      const timeout = AbortSignal.timeout(timeoutMs);
      const signal = init?.signal
        ? AbortSignal.any([init.signal, timeout])
        : timeout;
      const isLast = tries === delaysMs.length;
      try {
        const response = await send(input, { ...init, signal });
        const isAway = response.status === 429 || response.status >= 500;
        if (!isAway || isLast) return response;
        await response.body?.cancel();
      } catch (error) {
        if (isLast || signal.aborted) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, delaysMs[tries]));
    }
  };
}
