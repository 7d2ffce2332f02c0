import { Cron } from "croner";
import { retryDelayMs } from "./retry_delay.ts";
import { signDelivery } from "./signature.ts";
import type { Message, QueueStore } from "./store.ts";

const MOST_IN_FLIGHT = 32;
const PRUNE_MS = 600_000;

/** What the deliverer reaches outside itself. */
export interface DelivererDeps {
  /** The messages. */
  readonly store: QueueStore;
  /** Key that signs deliveries. */
  readonly signingKey: string;
  /** The clock, milliseconds since 1970. */
  readonly now: () => number;
  /** Says that something went wrong; never a payload. */
  readonly warn: (text: string, facts: Record<string, unknown>) => void;
  /** How often to look when nobody rings. */
  readonly pollMs: number;
}

/** Delivers what is due, at least once, until it is stopped. */
export class Deliverer {
  readonly #deps: DelivererDeps;
  readonly #inFlight = new Map<string, Promise<void>>();
  readonly #flows = new Map<string, number>();
  readonly #stop = new AbortController();
  #wake: () => void = () => {};
  #pruneAt = 0;

  constructor(deps: DelivererDeps) {
    this.#deps = deps;
  }

  /** Looks at once instead of at the next poll. */
  wake(): void {
    this.#wake();
  }

  /** Runs until {@linkcode stop}. */
  async run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#publishSchedules();
        await this.#startDue();
      } catch (error) {
        this.#deps.warn("Cannot look for due messages", { error: `${error}` });
      }
      await this.#sleep();
    }
    await Promise.allSettled(this.#inFlight.values());
  }

  /** Ends the loop; deliveries under way are cut and will happen again. */
  stop(): void {
    this.#stop.abort();
    this.#wake();
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#deps.pollMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #publishSchedules(): Promise<void> {
    const { store, now } = this.#deps;
    for (const schedule of await store.schedules(now())) {
      const next = new Cron(schedule.cron, { timezone: "UTC" }).nextRun(
        new Date(now()),
      );
      if (!next || !await store.advanceSchedule(schedule, next)) continue;
      await store.add(
        { ...schedule.spec, notBeforeMs: now() },
        schedule.body,
        now(),
        schedule.id,
      );
    }
    if (now() > this.#pruneAt) {
      this.#pruneAt = now() + PRUNE_MS;
      await store.prune(now());
    }
  }

  async #startDue(): Promise<void> {
    const { store, now } = this.#deps;
    const free = MOST_IN_FLIGHT - this.#inFlight.size;
    if (free === 0 || this.#stop.signal.aborted) return;
    const full = [...this.#flows].filter(([key]) => this.#isFull(key)).map((
      [key],
    ) => key);
    const own = [...this.#inFlight.keys()];
    for (const message of await store.claimDue(now(), free, full, own)) {
      const { flowKey } = message;
      if (flowKey !== null) {
        if (message.flowParallelism !== null) {
          this.#limits.set(flowKey, message.flowParallelism);
        }
        if (this.#isFull(flowKey)) { // several of one key came in this batch
          await store.release(message.id);
          continue;
        }
        this.#flows.set(flowKey, (this.#flows.get(flowKey) ?? 0) + 1);
      }
      const delivery = this.#deliver(message).catch((error) =>
        this.#deps.warn("Cannot note a delivery", {
          message: message.id,
          error: `${error}`,
        })
      ).finally(() => {
        this.#inFlight.delete(message.id);
        if (flowKey !== null) {
          this.#flows.set(flowKey, this.#flows.get(flowKey)! - 1);
          if (this.#flows.get(flowKey) === 0) this.#flows.delete(flowKey);
        }
        this.#wake();
      });
      this.#inFlight.set(message.id, delivery);
    }
  }

  readonly #limits = new Map<string, number>();

  #isFull(key: string): boolean {
    return (this.#flows.get(key) ?? 0) >= (this.#limits.get(key) ?? Infinity);
  }

  async #deliver(message: Message): Promise<void> {
    const { store, now, warn } = this.#deps;
    let response: Response | null = null;
    let error: string | null = null;
    try {
      response = await this.#send(message);
      await response.body?.cancel();
    } catch (caught) {
      if (this.#stop.signal.aborted) return await store.release(message.id);
      error = String(caught);
    }
    const status = response?.status ?? null;
    if (response?.ok) {
      return await store.end(message.id, "DELIVERED", status, null, now());
    }
    const isFinal = status === 489 &&
      response!.headers.get("upstash-nonretryable-error") === "true";
    if (isFinal || message.retried >= message.retries) {
      warn("Message failed", { message: message.id, status, error });
      return await store.end(message.id, "FAILED", status, error, now());
    }
    const delay = retryDelayMs(
      message.retried,
      message.retryDelay,
      response?.headers ?? null,
      now(),
    );
    await store.retry(message.id, now() + delay, status, error);
  }

  async #send(message: Message): Promise<Response> {
    const { signingKey, now } = this.#deps;
    const hasBody = !["GET", "HEAD"].includes(message.method);
    return await fetch(message.url, {
      method: message.method,
      redirect: "manual",
      headers: {
        ...message.headers,
        "user-agent": "Upstash-QStash",
        "upstash-message-id": message.id,
        "upstash-retried": String(message.retried),
        ...message.scheduleId && {
          "upstash-schedule-id": message.scheduleId,
        },
        "upstash-signature": await signDelivery(
          signingKey,
          message.url,
          message.body,
          now(),
        ),
      },
      ...hasBody ? { body: message.body } : {},
      signal: AbortSignal.any([
        this.#stop.signal,
        AbortSignal.timeout(message.timeoutSeconds * 1000),
      ]),
    });
  }
}
