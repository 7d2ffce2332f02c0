import type { Client } from "@upstash/qstash";
import type { TaskMessage } from "@shared/types/task.ts";
import type { Sql } from "postgres";

/** Rings the doorbells that transactions left. */
export interface OutboxStore {
  /** Rings for these tasks, or for all that wait. Never throws: what was not rung waits for the sweeper. Returns how many were. */
  relay(taskIds: readonly string[] | null): Promise<number>;
}

/** Postgres counts attempts and the sweeper rings again, so few redeliveries are enough: free plans allow 1,000 messages a day. */
const RETRIES = 3;
const FLOW_CONTROL = { key: "assay-worker", parallelism: 32 };
const BATCH = 100;

/** The outbox in PostgreSQL, rung through QStash. */
export function createOutboxStore(
  sql: Sql,
  queue: Client,
  workerUrl: string,
  warn: (event: string, error: unknown) => void,
): OutboxStore {
  const url = `${workerUrl.replace(/\/+$/, "")}/v1/tasks`;
  return {
    async relay(taskIds) {
      if (taskIds?.length === 0) return 0;
      const rung: string[] = [];
      try {
        const doorbells = await sql`
          select * from assay.claim_outbox(${BATCH}, ${
          taskIds === null ? null : [...taskIds]
        })`;
        for (
          const { outbox_id: id, task_id: taskId, delay_seconds: delay }
            of doorbells
        ) {
          const body: TaskMessage = { version: 1, taskId };
          await queue.publishJSON({
            url,
            body,
            retries: RETRIES,
            flowControl: FLOW_CONTROL,
            ...delay > 0 ? { delay } : {},
          });
          rung.push(id);
        }
      } catch (error) {
        warn("outbox_not_relayed", error);
      }
      if (rung.length > 0) {
        await sql`select assay.mark_outbox_sent(${rung}::bigint[])`.catch((
          error,
        ) => warn("outbox_not_marked", error));
      }
      return rung.length;
    },
  };
}
