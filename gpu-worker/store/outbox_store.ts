import type { Client } from "@upstash/qstash";
import type { TaskMessage } from "@shared/types/task.ts";
import type { Sql } from "postgres";

/** Rings the doorbells that transactions left. */
export interface OutboxStore {
  /** Rings for these tasks, or for all that wait. Never throws: what was not rung waits for the sweeper. Returns how many were. */
  relay(taskIds: readonly string[] | null): Promise<number>;
  /** Rings for the task that waits longest, if its doorbell was not answered: while the device was busy the queue may have given up. Never throws. */
  ringNext(): Promise<void>;
}

/** Postgres counts attempts and the sweeper rings again, so few redeliveries are enough: free plans allow 1,000 messages a day. */
const RETRIES = 3;
const FLOW_CONTROL = { key: "assay-worker", parallelism: 32 };
const BATCH = 100;
const TIMEOUT_MS = 5000;
const ANSWERED_SECONDS = 3; // a busy device asks to be rung again after two

/** The outbox in PostgreSQL, rung through QStash. */
export function createOutboxStore(
  sql: Sql,
  queue: Client,
  workerUrl: string,
  warn: (event: string, error: unknown) => void,
): OutboxStore {
  const url = `${workerUrl.replace(/\/+$/, "")}/v1/tasks`;
  const store: OutboxStore = {
    async relay(taskIds) {
      if (taskIds?.length === 0) return 0;
      const claimed = new Set<string>();
      const rung: string[] = [];
      try {
        const doorbells = await sql`
          select * from assay.claim_outbox(${BATCH}, ${
          taskIds === null ? null : [...taskIds]
        })`;
        for (const { outbox_id: id } of doorbells) claimed.add(id);
        for (
          const { outbox_id: id, task_id: taskId, delay_seconds: delay }
            of doorbells
        ) {
          const body: TaskMessage = { version: 1, taskId };
          await inTime(queue.publishJSON({
            url,
            body,
            retries: RETRIES,
            flowControl: FLOW_CONTROL,
            ...delay > 0 ? { delay } : {},
          }));
          rung.push(id);
          claimed.delete(id);
        }
      } catch (error) {
        warn("outbox_not_relayed", error);
      }
      if (rung.length > 0) {
        await sql`select assay.mark_outbox_sent(${rung}::bigint[])`.catch((
          error,
        ) => warn("outbox_not_marked", error));
      }
      if (claimed.size > 0) { // the next sweep may try them at once
        await sql`
          update assay.outbox set claimed_until = null where id = any (${[
          ...claimed,
        ]}::bigint[]) and sent_at is null`.catch((error) =>
          warn("outbox_not_released", error)
        );
      }
      return rung.length;
    },

    async ringNext() {
      try {
        const next = await sql`
          with next as (
            select t.id, t.project_id from assay.tasks t
            where t.state = 'queued' and t.run_after <= now()
              and coalesce(t.rung_at, t.created_at) < now() - make_interval(secs => ${ANSWERED_SECONDS})
            order by t.created_at limit 1 for update skip locked
          )
          insert into assay.outbox (task_id, project_id) select n.id, n.project_id from next n returning task_id`;
        await store.relay(next.map((row) => row.task_id));
      } catch (error) {
        warn("next_task_not_rung", error);
      }
    },
  };
  return store;
}

/** A queue that hangs must not hold up the sweeps. */
async function inTime(publishing: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`The queue took longer than ${TIMEOUT_MS} ms`)),
      TIMEOUT_MS,
    );
  });
  try {
    await Promise.race([publishing, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
