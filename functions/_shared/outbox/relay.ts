import { errorFacts, type Logger } from "../log.ts";
import type { Principal } from "../auth/principal.ts";
import type { OutboxStore } from "../store/outbox_store.ts";

/** Rings a worker for one task. */
export type Ring = (taskId: string, delaySeconds: number) => Promise<void>;

/** Rings now for what a transaction has just written. */
export type Relay = (
  caller: Principal,
  taskIds: readonly string[],
  log: Logger,
) => Promise<void>;

/**
 * Builds the relay. It never throws: the outbox keeps what was not rung, and the worker's sweeper rings later. A doorbell that was rung but
 * not noted is rung twice, which is harmless.
 */
export function createRelay(
  deps: { readonly outbox: OutboxStore; readonly ring: Ring },
): Relay {
  return async (caller, taskIds, log) => {
    if (taskIds.length === 0) return;
    try {
      const doorbells = await deps.outbox.claim(caller, taskIds);
      const rung: string[] = [];
      for (const { outboxId, taskId, delaySeconds } of doorbells) {
        try {
          await deps.ring(taskId, delaySeconds);
          rung.push(outboxId);
        } catch (error) {
          log.warn("doorbell_not_rung", {
            task_id: taskId,
            ...errorFacts(error),
          });
        }
      }
      if (rung.length > 0) await deps.outbox.markSent(caller, rung);
    } catch (error) {
      log.warn("outbox_not_relayed", errorFacts(error));
    }
  };
}
