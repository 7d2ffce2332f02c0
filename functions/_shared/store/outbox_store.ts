import type { Principal } from "../auth/principal.ts";
import type { Database } from "./database.ts";

/** A doorbell to ring. */
export interface Doorbell {
  readonly outboxId: string;
  readonly taskId: string;
  readonly delaySeconds: number;
}

/** Doorbells that wait in the database. */
export interface OutboxStore {
  /** Takes unsent doorbells of these tasks, so that no other relay rings them too. */
  claim(
    caller: Principal,
    taskIds: readonly string[],
  ): Promise<readonly Doorbell[]>;
  /** Notes that they were rung. */
  markSent(caller: Principal, outboxIds: readonly string[]): Promise<void>;
}

/** The outbox in PostgreSQL. */
export function createOutboxStore(database: Database): OutboxStore {
  return {
    claim: (caller, taskIds) =>
      database.asEdge(caller, async (sql) => {
        const rows = await sql`
          select * from assay.claim_outbox(${
          taskIds.length * 2
        }, ${taskIds as string[]}::uuid[])`;
        return rows.map((row) => ({
          outboxId: row.outbox_id,
          taskId: row.task_id,
          delaySeconds: row.delay_seconds,
        }));
      }),
    markSent: (caller, outboxIds) =>
      database.asEdge(caller, async (sql) => {
        await sql`select assay.mark_outbox_sent(${outboxIds as string[]}::bigint[])`;
      }),
  };
}
