/**
 * The ranked list as far as it was read: pages are appended as the reader comes near the end.
 *
 * @module
 */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Page } from "@shared/types/page.ts";
import type { RankedSample } from "@shared/types/result.ts";
import { type SampleKey, sampleKey } from "./route.ts";

export type FetchPage = (
  query: Readonly<Record<string, string | number>>,
  signal: AbortSignal,
) => Promise<Page<RankedSample>>;

export interface SampleList {
  readonly rows: ReadonlySignal<readonly RankedSample[]>;
  /** Place of each loaded sample in `rows`. */
  readonly places: ReadonlySignal<ReadonlyMap<SampleKey, number>>;
  readonly status: ReadonlySignal<"loading" | "more" | "ready" | "failed">;
  readonly error: ReadonlySignal<unknown>;
  /** Every matching sample is loaded. */
  readonly isComplete: ReadonlySignal<boolean>;
  /** Starts over with another query; an answer to the former one is dropped. */
  reset(query: Readonly<Record<string, string>>): Promise<void>;
  /** Loads the next page, if there is one and none is on its way. */
  more(): Promise<void>;
  /** Loads to the end. */
  all(): Promise<void>;
  stop(): void;
}

const FIRST_PAGE = 60;
const NEXT_PAGE = 200;

export function createSampleList(fetchPage: FetchPage): SampleList {
  const rows = signal<readonly RankedSample[]>([]);
  const status = signal<"loading" | "more" | "ready" | "failed">("loading");
  const error = signal<unknown>(null);
  const cursor = signal<string | null>(null);
  const isComplete = signal(false);
  let query: Readonly<Record<string, string>> = {};
  let current = new AbortController();
  let loading: Promise<void> | null = null;

  const places = computed(() =>
    new Map(rows.value.map((row, i) => [sampleKey(row), i]))
  );

  const load = async (limit: number): Promise<void> => {
    const { signal: abort } = current;
    status.value = rows.value.length === 0 ? "loading" : "more";
    try {
      const page = await fetchPage({
        ...query,
        limit,
        ...(cursor.value ? { cursor: cursor.value } : {}),
      }, abort);
      if (abort.aborted) return;
      const known = places.value;
      rows.value = [
        ...rows.value,
        ...page.rows.filter((row) => !known.has(sampleKey(row))),
      ];
      cursor.value = page.next_cursor;
      isComplete.value = page.next_cursor === null;
      error.value = null;
      status.value = "ready";
    } catch (cause) {
      if (abort.aborted) return;
      error.value = cause;
      status.value = "failed";
    }
  };

  const start = (limit: number): Promise<void> => {
    const mine: Promise<void> = load(limit).finally(() => {
      if (loading === mine) loading = null;
    });
    return loading = mine;
  };

  return {
    rows,
    places,
    status,
    error,
    isComplete,
    reset(next) {
      current.abort();
      current = new AbortController();
      query = next;
      rows.value = [];
      cursor.value = null;
      isComplete.value = false;
      return start(FIRST_PAGE);
    },
    more() {
      if (loading) return loading;
      return isComplete.value ? Promise.resolve() : start(NEXT_PAGE);
    },
    async all() {
      const { signal: abort } = current;
      await loading;
      while (
        !abort.aborted && !isComplete.value && status.value !== "failed"
      ) await start(500);
    },
    stop: () => current.abort(),
  };
}
