import {
  createSafeFetch,
  type RefusedUrl,
  type SafeFetch,
  type SafeFetchSettings,
} from "../store/safe_fetch.ts";

/** How images are fetched whose URI was logged in place of their bytes. */
export interface ImageFetchSettings extends SafeFetchSettings {
  /** Longest time that is spent on fetching the images of one task together; default 300,000. */
  readonly budgetMs?: number;
  /** How much of it attempts before this one have spent. */
  readonly spentMs?: number;
}

/** Images fetched at a time: with the largest file, what they may take of memory. */
export const FETCHED_AT_ONCE = 8;

/** Fetches the images of one task. */
export class ImageFetcher {
  readonly #fetch: SafeFetch;
  readonly #budgetMs: number;
  readonly #now: () => number;
  /** Images that were fetched so far. */
  nFetched = 0;
  /** Milliseconds spent on fetching so far; what is done with the images takes its own time. */
  spentMs: number;

  /**
   * Fetches nothing yet; the budget runs while images are fetched.
   *
   * @param settings Limits, and hosts of the operator's.
   * @param fetch Default: through the guard.
   * @param now The clock, in milliseconds.
   */
  constructor(
    settings: ImageFetchSettings = {},
    fetch: SafeFetch = createSafeFetch(settings),
    now: () => number = Date.now,
  ) {
    this.#budgetMs = settings.budgetMs ?? 300_000;
    this.spentMs = settings.spentMs ?? 0;
    this.#fetch = fetch;
    this.#now = now;
  }

  /** Bytes of each image, or why there are none; in the order of the URIs, {@linkcode FETCHED_AT_ONCE} at a time. */
  async fetch(
    uris: readonly string[],
  ): Promise<(Uint8Array<ArrayBuffer> | RefusedUrl)[]> {
    if (uris.length === 0) return [];
    const startedAt = this.#now();
    const endsAt = startedAt + this.#budgetMs - this.spentMs;
    const found: (Uint8Array<ArrayBuffer> | RefusedUrl)[] = [];
    const waiting = uris.entries();
    const lane = async () => {
      for (const [i, uri] of waiting) {
        found[i] = this.#now() < endsAt ? await this.#fetch(uri) : {
          rule:
            `image URIs must give the images of a run within ${this.#budgetMs} milliseconds`,
        };
        if (!("rule" in found[i])) this.nFetched++;
      }
    };
    await Promise.all(Array.from({ length: FETCHED_AT_ONCE }, lane));
    this.spentMs += this.#now() - startedAt;
    return found;
  }
}
