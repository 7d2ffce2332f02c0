// deno-lint-ignore-file camelcase
/**
 * Verdicts on their way to the server. Each is written down before it is sent and crossed out when the server has it,
 * so that a lost network, a closed tab or a restart of the server loses none. One request is under way at a time, in
 * order; a verdict carries its own id, so sending it twice changes nothing. What the server refuses is handed back.
 *
 * @module
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { VerdictRequest } from "@shared/types/verdict.ts";
import { ApiError } from "../api/error.ts";
import { retryDelayMs } from "../api/retry.ts";

export interface QueuedVerdict {
  readonly run_id: string;
  readonly request: VerdictRequest;
}

export interface QueueDeps {
  readonly send: (
    runId: string,
    verdicts: readonly VerdictRequest[],
  ) => Promise<unknown>;
  readonly storage: KeyStore;
  readonly now: () => number;
  readonly random: () => number;
  /** Resolves after `ms` or when `signal` aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The server will never take it. */
  readonly onRefused: (verdict: QueuedVerdict, error: ApiError) => void;
}

/** The part of `localStorage` the queue needs. */
export type KeyStore = Pick<
  Storage,
  "getItem" | "setItem" | "removeItem" | "key" | "length"
>;

export interface VerdictQueue {
  /** Verdicts the server has not confirmed. */
  readonly pending: ReadonlySignal<number>;
  /** Why the last attempt failed; null when all is well. */
  readonly trouble: ReadonlySignal<ApiError | null>;
  /** Some of the pending would not survive a closed tab. */
  readonly isVolatile: ReadonlySignal<boolean>;
  push(runId: string, requests: readonly VerdictRequest[]): void;
  /** What waits for `runId`, oldest first. */
  waiting(runId: string): readonly VerdictRequest[];
  /** Tries again now, as when the network is back. */
  wake(): void;
  /** Resolves when nothing is pending or the next attempt has to wait. */
  settled(): Promise<void>;
}

interface Entry extends QueuedVerdict {
  readonly key: string;
  isStored: boolean;
}

const PREFIX = "assay.verdict.";
const BATCH = 200;

export function createVerdictQueue(deps: QueueDeps): VerdictQueue {
  const entries: Entry[] = restore(deps.storage);
  const pending = signal(entries.length);
  const trouble = signal<ApiError | null>(null);
  const isVolatile = signal(false);
  let order = 0;
  let attempt = 0;
  let limit = BATCH;
  let running: Promise<void> | null = null;
  let sleep: AbortController | null = null;

  const publish = () => {
    pending.value = entries.length;
    isVolatile.value = entries.some((e) => !e.isStored);
  };

  const remove = (batch: readonly Entry[]) => {
    entries.splice(0, batch.length);
    for (const { key } of batch) deps.storage.removeItem(key);
    publish();
  };

  const sendBatch = async (batch: readonly Entry[]): Promise<boolean> => {
    try {
      await deps.send(batch[0]!.run_id, batch.map((e) => e.request));
    } catch (cause) {
      const error = cause instanceof ApiError
        ? cause
        : new ApiError(String(cause), { status: 0, code: "internal", cause });
      if (error.isRetryable || error.status === 401) {
        trouble.value = error;
        return false;
      }
      if (batch.length > 1) {
        limit = Math.ceil(batch.length / 2); // halve until the refused one stands alone
        return true;
      }
      remove(batch);
      deps.onRefused(batch[0]!, error);
      return true;
    }
    remove(batch);
    attempt = 0;
    limit = BATCH;
    trouble.value = null;
    return true;
  };

  const pump = async () => {
    while (entries.length > 0) {
      if (await sendBatch(firstBatch(entries, limit))) continue;
      attempt++;
      const delayMs = trouble.value?.retryAfterMs ??
        retryDelayMs(attempt, deps.random);
      sleep = new AbortController();
      onSleep();
      await deps.pause(delayMs, sleep.signal);
      sleep = null;
    }
  };

  let sleepers: (() => void)[] = [];
  const onSleep = () => {
    for (const resolve of sleepers) resolve();
    sleepers = [];
  };

  const start = () => {
    running ??= pump().finally(() => {
      running = null;
      onSleep();
    });
  };
  if (entries.length > 0) start();

  return {
    pending,
    trouble,
    isVolatile,
    push(runId, requests) {
      for (const request of requests) {
        order = Math.max(order + 1, deps.now() * 1000);
        const entry: Entry = {
          key: `${PREFIX}${
            String(order).padStart(17, "0")
          }.${request.verdict_id}`,
          run_id: runId,
          request,
          isStored: false,
        };
        entry.isStored = store(deps.storage, entry);
        entries.push(entry);
      }
      publish();
      start();
    },
    waiting: (runId) =>
      entries.filter((e) => e.run_id === runId).map((e) => e.request),
    wake() {
      attempt = 0;
      sleep?.abort();
      sleep = null;
      if (entries.length > 0) start();
    },
    settled() {
      if (entries.length === 0 || sleep) return Promise.resolve();
      return new Promise((resolve) => sleepers.push(resolve));
    },
  };
}

/** The oldest verdicts of one run, at most `limit`. */
function firstBatch(entries: readonly Entry[], limit: number): Entry[] {
  const runId = entries[0]!.run_id;
  const end = entries.findIndex((e, i) => e.run_id !== runId || i === limit);
  return entries.slice(0, end === -1 ? entries.length : end);
}

function store(storage: KeyStore, { key, run_id, request }: Entry): boolean {
  try {
    storage.setItem(key, JSON.stringify({ run_id, request }));
    return true;
  } catch {
    return false; // full or forbidden: kept in memory, and `isVolatile` says so
  }
}

function restore(storage: KeyStore): Entry[] {
  const keys: string[] = [];
  for (let i = 0; i < storage.length; i++) {
    const key = storage.key(i);
    if (key?.startsWith(PREFIX)) keys.push(key);
  }
  return keys.sort().flatMap((key) => {
    try {
      const { run_id, request } = JSON.parse(storage.getItem(key) ?? "");
      return [{ key, run_id, request, isStored: true }];
    } catch {
      storage.removeItem(key);
      return [];
    }
  });
}
