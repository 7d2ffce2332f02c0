import type { ReachPoint } from "@shared/types/fault.ts";
import { callbackDraft } from "./callback.ts";
import { nextRun } from "./cron.ts";
import { QueueError } from "./error.ts";
import type { Limits } from "./limits.ts";
import { type Answer, dlqIdOf, type Draft, type Message } from "./message.ts";
import { draftsOf } from "./publish.ts";
import { retryDelayMs } from "./retry_delay.ts";
import { send } from "./send.ts";
import type { QueueStore } from "./store/mod.ts";
import type { Schedule } from "./store/schedules.ts";
import type { Outcome } from "./store/settle.ts";

const PRUNE_MS = 600_000;
const TEXT = new TextDecoder();

/** What the deliverer reaches outside itself. */
export interface DelivererDeps {
  /** The messages. */
  readonly store: QueueStore;
  /** What the plan allows. */
  readonly limits: Limits;
  /** Most deliveries at once. */
  readonly parallelism: number;
  /** The clock, milliseconds since 1970. */
  readonly now: () => number;
  /** Says that something went wrong; never a payload. */
  readonly warn: (text: string, facts: Record<string, unknown>) => void;
  /** Fault points. */
  readonly reached?: ReachPoint;
  /** How often to look when nobody rings. */
  readonly pollMs: number;
}

/** Delivers what is due, at least once, until it is stopped. */
export class Deliverer {
  readonly #deps: DelivererDeps;
  readonly #inFlight = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();
  #wake: () => void = () => {};
  #isWoken = false;
  readonly #isSaid = new Set<string>(); // schedules whose failure is in the log
  #pruneAt = 0;

  /** Starts nothing yet. */
  constructor(deps: DelivererDeps) {
    this.#deps = deps;
  }

  /** Looks at once instead of at the next poll. */
  wake(): void {
    this.#isWoken = true;
    this.#wake();
  }

  /** Runs until {@linkcode stop}. */
  async run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#isWoken = false;
      try {
        await this.#publishSchedules();
        await this.#startDue();
      } catch (error) {
        this.#deps.warn("Cannot look for due messages", { error: `${error}` });
      }
      if (!this.#isWoken) await this.#sleep();
    }
    await Promise.allSettled(this.#inFlight.values());
  }

  /** Ends the loop; deliveries under way are cut and will happen again. */
  stop(): void {
    this.#stop.abort();
    this.wake();
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

  /** Times that passed while nobody looked are one message, as a clock that stood still would have it. */
  async #publishSchedules(): Promise<void> {
    const { store, limits, now, warn } = this.#deps;
    const nowMs = now();
    for (const schedule of await store.schedules.due(nowMs)) {
      try {
        await this.#fire(schedule, nowMs);
      } catch (error) { // others are not to wait for this one
        if (this.#isSaid.has(schedule.id)) continue;
        this.#isSaid.add(schedule.id);
        warn("Cannot publish a schedule", {
          schedule: schedule.id,
          error: `${error}`,
        });
      }
    }
    if (now() > this.#pruneAt) {
      this.#pruneAt = now() + PRUNE_MS;
      await store.messages.prune(limits.dlqDays, now());
    }
  }

  async #fire(schedule: Schedule, nowMs: number): Promise<void> {
    const { store, warn } = this.#deps;
    const { id, spec, cron, body, callerIp } = schedule;
    const drafts = await draftsOf(
      spec,
      { body, callerIp, scheduleId: id },
      store.topics,
      nowMs,
    ).catch((error: unknown) => {
      if (!(error instanceof QueueError)) throw error;
      warn("A schedule has no destination", { schedule: id });
      return [];
    });
    await store.schedules.fire(schedule, drafts, nextRun(cron, nowMs), nowMs);
    this.#isSaid.delete(id);
  }

  async #startDue(): Promise<void> {
    const { store, parallelism, now, warn } = this.#deps;
    const free = parallelism - this.#inFlight.size;
    if (free <= 0 || this.#stop.signal.aborted) return;
    const own = [...this.#inFlight.keys()];
    for (const message of await store.claim(now(), free, own)) {
      const delivery = this.#deliver(message).catch((error) =>
        warn("Cannot note a delivery", {
          message: message.id,
          error: `${error}`,
        })
      ).finally(() => {
        this.#inFlight.delete(message.id);
        this.wake();
      });
      this.#inFlight.set(message.id, delivery);
    }
  }

  async #deliver(message: Message): Promise<void> {
    const { store, limits, now, warn, reached } = this.#deps;
    const { signal } = this.#stop;
    const subject = TEXT.decode(message.body.subarray(0, 200));
    await reached?.("message_started", subject);
    let answer: Answer;
    try {
      const { current } = await store.signingKeys.get();
      answer = await send(message, current, limits.messageBytes, now(), signal);
    } catch (error) {
      await store.release(message.id);
      if (signal.aborted) return;
      throw error;
    }
    await reached?.("message_answered", subject);
    const endedMs = now();
    const outcome = outcomeOf(message, answer, endedMs);
    if (outcome.kind === "failed") {
      const { status, error } = answer;
      warn("Message failed", { message: message.id, status, error });
    }
    const callbacks = callbacksOf(message, answer, outcome, endedMs);
    await store.settle(message, outcome, answer, callbacks, endedMs);
  }
}

function outcomeOf(message: Message, answer: Answer, nowMs: number): Outcome {
  const { status, headers } = answer;
  if (status !== null && status >= 200 && status < 300) {
    return { kind: "delivered" };
  }
  const isFinal = status === 489 &&
    headers["upstash-nonretryable-error"] === "true";
  if (isFinal || message.retried >= message.spec.retries) {
    return { kind: "failed" };
  }
  const delayMs = retryDelayMs(
    message.retried,
    message.spec.retryDelay,
    new Headers(headers),
    nowMs,
  );
  return { kind: "retry", notBeforeMs: nowMs + delayMs };
}

function callbacksOf(
  message: Message,
  answer: Answer,
  outcome: Outcome,
  nowMs: number,
): Draft[] {
  const told = [callbackDraft(message, "callback", answer, null, nowMs)];
  if (outcome.kind === "failed") {
    const dlqId = dlqIdOf(message, nowMs);
    told.push(callbackDraft(message, "failureCallback", answer, dlqId, nowMs));
  }
  return told.filter((draft) => draft !== null);
}
