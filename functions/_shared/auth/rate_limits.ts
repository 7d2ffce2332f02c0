import { AppError } from "@shared/errors.ts";
import type { Principal } from "./principal.ts";

/** Requests a minute, on average; as many may come at once. 0: as many as like. */
export interface RateLimitSettings {
  /** Of one key or person. */
  readonly perCaller: number;
  /** About one project, whoever asks. */
  readonly perProject: number;
  /** That could not be authenticated, from one address. */
  readonly failuresPerAddress: number;
}

/** Far above what SDKs send: they wait for each part of 8 MB. */
export const RATE_LIMITS: RateLimitSettings = {
  perCaller: 30_000,
  perProject: 120_000,
  failuresPerAddress: 60,
};

/** Counts requests; each function throws `rate_limited` for one too many. */
export interface RateLimits {
  /** A request of a caller who is proven. */
  countCaller(caller: Principal): void;
  /** A request about a project that its caller may know of. */
  countProject(projectId: string): void;
  /** A request that could not be authenticated. One that can is never refused for those of others at its address. */
  countFailure(address: string): void;
}

const MINUTE_MS = 60_000;
const MOST_BUCKETS = 10_000;

/**
 * Rate limits in the memory of one isolate, so that the limit of a fleet is that of an isolate times their number.
 *
 * Not in PostgreSQL: each request would then write a row that all writers of a project wait for, to protect the same database.
 *
 * @param settings The limits.
 * @param now The clock, in milliseconds.
 */
export function createRateLimits(
  settings: RateLimitSettings,
  now: () => number,
): RateLimits {
  const callers = new Buckets(settings.perCaller, now);
  const projects = new Buckets(settings.perProject, now);
  const failures = new Buckets(settings.failuresPerAddress, now);
  return {
    countCaller(caller) {
      const id = caller.kind === "key" ? caller.keyId : caller.userId;
      callers.take(id, caller.kind === "key" ? "this key" : "this person");
    },
    countProject: (projectId) => projects.take(projectId, "this project"),
    countFailure: (address) =>
      failures.take(address, "this address without valid credentials"),
  };
}

/** Token buckets by name; a bucket that was not used for longest is forgotten, which fills it. */
class Buckets {
  readonly #perMinute: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(perMinute: number, now: () => number) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  take(name: string, whose: string): void {
    const most = this.#perMinute;
    if (most === 0) return;
    const at = this.#now();
    const known = this.#buckets.get(name) ?? { tokens: most, at };
    const tokens = Math.min(
      most,
      known.tokens + (at - known.at) * most / MINUTE_MS,
    );
    this.#buckets.delete(name); // the last used stands last
    this.#buckets.set(name, { tokens: tokens < 1 ? tokens : tokens - 1, at });
    if (this.#buckets.size > MOST_BUCKETS) {
      this.#buckets.delete(this.#buckets.keys().next().value!);
    }
    if (tokens >= 1) return;
    const seconds = Math.ceil((1 - tokens) * 60 / most);
    throw new AppError(
      "rate_limited",
      `Cannot take more requests of ${whose} now: at most ${most} a minute are taken, try again in ${seconds} s`,
      { details: { retry_after_s: seconds } },
    );
  }
}
