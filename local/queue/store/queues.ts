import type { Sql, TransactionSql } from "postgres";
import { quotaExceeded } from "../error.ts";

/** A queue, whose messages arrive in order. */
export interface Queue {
  /** Its name. */
  readonly name: string;
  /** Most deliveries at once; 1 keeps the order. */
  readonly parallelism: number;
  /** Whether nothing of it is delivered. */
  readonly isPaused: boolean;
  /** Messages that have not ended. */
  readonly lag: number;
  /** When it was made. */
  readonly createdAt: Date;
  /** When it was last changed. */
  readonly updatedAt: Date;
}

/** Queues, made by their first message or by hand. */
export class QueueTable {
  readonly #sql: Sql;

  /** Of these connections. */
  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** All queues, or the one of a name. */
  async list(name: string | null = null): Promise<Queue[]> {
    const rows = await this.#sql`
      select q.*, (
        select count(*)::int from assay_queue.messages m
        where m.state = 'ACTIVE' and m.queue_name = q.name
      ) as lag
      from assay_queue.queues q where ${name}::text is null or q.name = ${name} order by q.name`;
    return rows.map((row) => ({
      name: row.name,
      parallelism: row.parallelism,
      isPaused: row.is_paused,
      lag: row.lag,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    }));
  }

  /** Makes a queue if there is none of that name. */
  async ensure(name: string, most: number, nowMs: number): Promise<void> {
    const now = new Date(nowMs);
    await this.#sql.begin(async (tx) => {
      const rows = await tx`
        insert into assay_queue.queues (name, parallelism, created_at, updated_at)
        values (${name}, 1, ${now}, ${now}) on conflict do nothing returning 1`;
      if (rows.length > 0) await checkCount(tx, most);
    });
  }

  /** Makes or changes a queue. */
  async put(
    name: string,
    parallelism: number,
    isPaused: boolean,
    most: number,
    nowMs: number,
  ): Promise<void> {
    const now = new Date(nowMs);
    await this.#sql.begin(async (tx) => {
      await tx`
        insert into assay_queue.queues (name, parallelism, is_paused, created_at, updated_at)
        values (${name}, ${parallelism}, ${isPaused}, ${now}, ${now})
        on conflict (name) do update
        set parallelism = excluded.parallelism, is_paused = excluded.is_paused, updated_at = excluded.updated_at`;
      await checkCount(tx, most);
    });
  }

  /** Stops or resumes delivery; whether there is such a queue. */
  async setPaused(
    name: string,
    isPaused: boolean,
    nowMs: number,
  ): Promise<boolean> {
    const rows = await this.#sql`
      update assay_queue.queues set is_paused = ${isPaused}, updated_at = ${new Date(
      nowMs,
    )}
      where name = ${name} returning 1`;
    return rows.length > 0;
  }

  /** Forgets a queue. Its messages are to be cancelled first: one that is left makes it anew. */
  async remove(name: string): Promise<void> {
    await this.#sql`delete from assay_queue.queues where name = ${name}`;
  }
}

async function checkCount(
  tx: TransactionSql,
  most: number,
): Promise<void> {
  const [row] = await tx`select count(*)::int as n from assay_queue.queues`;
  if (row!.n > most) throw quotaExceeded("maxQueueCount", most);
}
