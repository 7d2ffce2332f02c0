import type { JobKind } from "@shared/types/job.ts";
import type { ReachPoint } from "@shared/types/fault.ts";
import type { Lease, TaskHandler, TaskLeases } from "./lease.ts";

/** What the runner reaches outside itself. */
export interface RunnerDeps {
  /** The tasks. */
  readonly leases: TaskLeases;
  /** The work, by job kind. */
  readonly handlers: Readonly<Record<JobKind, TaskHandler>>;
  /** How often a lease is extended; a quarter of what it lasts. */
  readonly heartbeatMs: number;
  /** Fault points. */
  readonly reached: ReachPoint;
}

/** What one delivery came to. */
export type Delivery =
  | { readonly outcome: "done"; readonly taskIds: readonly string[] }
  | { readonly outcome: "held"; readonly retryAfterSeconds: number }
  | {
    readonly outcome: "closed" | "gone" | "lost" | "requeued" | "failed";
    readonly error?: unknown;
  };

/** Reason a handler's signal aborts with when the lease is gone or the job was cancelled. */
export class LeaseLost extends Error {}

/** Reason a handler's signal aborts with when the process is told to stop. */
export class Stopping extends Error {}

/**
 * Runs one delivery of a queue message to its end.
 *
 * @param taskId What the queue delivered, possibly for the second time.
 * @param deps The database and the handlers by kind.
 * @param signal Aborts when the process is told to stop; the task is then given back.
 * @returns What became of it. An error of the handler is noted on the task and returned, not thrown.
 */
export async function runTask(
  taskId: string,
  deps: RunnerDeps,
  signal: AbortSignal,
): Promise<Delivery> {
  const claim = await deps.leases.claim(taskId);
  if (claim.outcome !== "claimed") return claim;
  const { lease } = claim;
  await deps.reached("task_claimed", lease.runId);
  const work = new AbortController();
  const stop = () => work.abort(new Stopping("The worker was stopped"));
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  const heart = new Heartbeat(deps, lease, work);
  try {
    work.signal.throwIfAborted(); // a handler that only listens would never hear of it
    const outcome = await deps.handlers[lease.jobKind](
      lease,
      (fraction) => heart.fraction = fraction,
      work.signal,
    );
    if (outcome === "again") return await release(lease, deps);
    const taskIds = await deps.leases.complete(lease, outcome);
    if (taskIds === false) return { outcome: "lost" };
    await deps.reached(
      outcome.next === null ? "revision_published" : "stage_completed",
      lease.runId,
    );
    return { outcome: "done", taskIds };
  } catch (error) {
    const { reason } = work.signal;
    if (reason instanceof LeaseLost) return { outcome: "lost" };
    if (reason instanceof Stopping) return await release(lease, deps);
    const cause = reason ?? error;
    return { outcome: await deps.leases.fail(lease, cause), error: cause };
  } finally {
    heart.stop();
    signal.removeEventListener("abort", stop);
  }
}

async function release(
  lease: Lease,
  { leases }: RunnerDeps,
): Promise<Delivery> {
  const isReleased = await leases.release(lease);
  return { outcome: isReleased ? "requeued" : "lost" };
}

/** Extends a lease while its handler works; aborts it when the lease is gone. */
class Heartbeat {
  /** Latest word of the handler. */
  fraction = 0;
  readonly #timer: ReturnType<typeof setInterval>;
  #isBeating = false;

  constructor(
    { leases, heartbeatMs }: RunnerDeps,
    lease: Lease,
    work: AbortController,
  ) {
    this.#timer = setInterval(async () => {
      if (this.#isBeating) return;
      this.#isBeating = true;
      try {
        const isHeld = await leases.extend(lease, this.fraction);
        if (!isHeld) work.abort(new LeaseLost("The lease was lost"));
      } catch { // the database is away: the lease may outlast that, and its end is fenced
      } finally {
        this.#isBeating = false;
      }
    }, heartbeatMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
