import type { Sql } from "postgres";
import type { Draft, Message } from "../message.ts";
import { type Filter, matching } from "./filter.ts";
import { insertMessages, type Kept } from "./insert.ts";
import { toMessage } from "./rows.ts";

/** Messages that are yet to be delivered. */
export class MessageStore {
  readonly #sql: Sql;

  /** Of these connections. */
  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Keeps messages, all or none. */
  async add(drafts: readonly Draft[], nowMs: number): Promise<Kept[]> {
    return await this.#sql.begin((tx) => insertMessages(tx, drafts, nowMs));
  }

  /** One message, ended or not; null if there is none. */
  async get(id: string): Promise<Message | null> {
    const [row] = await this
      .#sql`select * from assay_queue.messages where id = ${id}`;
    return row ? toMessage(row) : null;
  }

  /**
   * Cancels messages that have not ended, oldest first. One that is in flight may still arrive, but is not tried again.
   *
   * @param filter Which.
   * @param most How many; null: all.
   * @returns How many there were.
   */
  async cancel(
    filter: Filter,
    most: number | null,
    nowMs: number,
  ): Promise<number> {
    const now = new Date(nowMs);
    return await this.#sql.begin(async (tx) => {
      const rows = await tx`
        with chosen as materialized (
          select m.id from assay_queue.messages m
          where m.state = 'ACTIVE' and not m.is_cancel_requested and ${
        matching(tx, filter, "m.created_at")
      }
          order by m.position limit ${most} for update
        )
        update assay_queue.messages m
        set is_cancel_requested = true,
            state = case when in_flight then state else 'CANCELLED' end,
            ended_at = case when in_flight then null else ${now}::timestamptz end
        from chosen where chosen.id = m.id
        returning m.id`;
      const ids = rows.map((row) => row.id);
      await tx`
        insert into assay_queue.events (message_id, at, state)
        select id, ${now}, 'CANCEL_REQUESTED' from unnest(${ids}::text[]) as id`;
      await tx`
        insert into assay_queue.events (message_id, at, state)
        select id, ${now}, 'CANCELLED' from assay_queue.messages
        where id = any (${ids}) and state = 'CANCELLED'`;
      return rows.length;
    });
  }

  /** Forgets what ended long ago: failed after `dlqDays`, else after a day. */
  async prune(dlqDays: number, nowMs: number): Promise<void> {
    const now = new Date(nowMs);
    await this.#sql`
      delete from assay_queue.messages
      where ended_at < ${now}::timestamptz - make_interval(
        days => case when state = 'FAILED' and not is_dlq_removed then ${dlqDays}::int else 1 end)`;
    await this.#sql`
      delete from assay_queue.flow_controls f
      where not (is_paused or is_pinned_parallelism or is_pinned_rate)
        and updated_at < ${now}::timestamptz - interval '1 day'
        and not exists (select 1 from assay_queue.messages m where m.state = 'ACTIVE' and m.flow_key = f.key)`;
  }
}
