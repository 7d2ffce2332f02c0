import type { Sql } from "postgres";
import type { Draft, MessageSpec } from "../message.ts";
import { insertMessages } from "./insert.ts";

/** A cron expression with what to publish. */
export interface Schedule {
  /** Chosen by the caller, or `scd_...`. */
  readonly id: string;
  /** As the caller wrote it. */
  readonly cron: string;
  /** What to publish; its destination may be a URL group. */
  readonly spec: MessageSpec;
  /** Bytes to deliver. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** Next time. */
  readonly nextAt: Date;
  /** When it was made. */
  readonly createdAt: Date;
  /** Address of who made it; null: unknown. */
  readonly callerIp: string | null;
  /** Whether its times pass without a message. */
  readonly isPaused: boolean;
  /** When it last published; null: never. */
  readonly lastAt: Date | null;
  /** State of what it published then, by message id. */
  readonly lastStates: Readonly<
    Record<string, "IN_PROGRESS" | "SUCCESS" | "FAIL">
  >;
}

/** Schedules. */
export class ScheduleStore {
  readonly #sql: Sql;

  /** Of these connections. */
  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /**
   * Keeps a schedule; the same id replaces the earlier one. A time that has come and is not served yet is kept as well, if the cron
   * expression is the same.
   */
  async put(
    schedule: Pick<
      Schedule,
      "id" | "cron" | "spec" | "nextAt" | "callerIp"
    >,
    body: Uint8Array,
    nowMs: number,
  ): Promise<void> {
    const { id, cron, spec, nextAt, callerIp } = schedule;
    await this.#sql`
      insert into assay_queue.schedules as s (id, cron, url, spec, body, next_at, created_at, caller_ip)
      values (${id}, ${cron}, ${spec.destination}, ${
      this.#sql.json(spec as never)
    }, ${body}, ${nextAt}, ${new Date(nowMs)}, ${callerIp})
      on conflict (id) do update
      set cron = excluded.cron, url = excluded.url, spec = excluded.spec, body = excluded.body, caller_ip = excluded.caller_ip,
          next_at = case when s.cron = excluded.cron then s.next_at else excluded.next_at end`;
  }

  /** All schedules, or the one of an id. */
  async list(id: string | null = null): Promise<Schedule[]> {
    return await this.#select(
      this.#sql`${id}::text is null or s.id = ${id}`,
    );
  }

  /** Those whose time has come. */
  async due(nowMs: number): Promise<Schedule[]> {
    return await this.#select(
      this.#sql`s.next_at <= ${new Date(nowMs)} and not s.is_paused`,
    );
  }

  /**
   * Publishes a schedule's messages and moves it to its next time, in one transaction.
   *
   * @returns False: another did already, or it is paused or gone; nothing was written.
   */
  async fire(
    schedule: Schedule,
    drafts: readonly Draft[],
    nextAt: Date,
    nowMs: number,
  ): Promise<boolean> {
    return await this.#sql.begin(async (tx) => {
      const rows = await tx`
        update assay_queue.schedules set next_at = ${nextAt}, last_at = ${new Date(
        nowMs,
      )}
        where id = ${schedule.id} and date_trunc('milliseconds', next_at) = ${schedule.nextAt} and not is_paused returning 1`;
      if (rows.length === 0) return false;
      const kept = await insertMessages(tx, drafts, nowMs);
      await tx`
        update assay_queue.schedules set last_message_ids = ${
        kept.map(({ id }) => id)
      } where id = ${schedule.id}`;
      return true;
    });
  }

  /** Stops a schedule; whether there is one. */
  async pause(id: string): Promise<boolean> {
    const rows = await this
      .#sql`update assay_queue.schedules set is_paused = true where id = ${id} returning 1`;
    return rows.length > 0;
  }

  /** Starts a stopped schedule at a time; whether there is such a schedule. */
  async resume(id: string, nextAt: Date): Promise<boolean> {
    const rows = await this.#sql`
      update assay_queue.schedules
      set next_at = case when is_paused then ${nextAt} else next_at end, is_paused = false
      where id = ${id} returning 1`;
    return rows.length > 0;
  }

  /** Forgets a schedule; whether there was one. */
  async remove(id: string): Promise<boolean> {
    const rows = await this
      .#sql`delete from assay_queue.schedules where id = ${id} returning 1`;
    return rows.length > 0;
  }

  async #select(condition: ReturnType<Sql>): Promise<Schedule[]> {
    const rows = await this.#sql`
      select s.*, (
        select jsonb_object_agg(m.id, case m.state when 'ACTIVE' then 'IN_PROGRESS' when 'DELIVERED' then 'SUCCESS' else 'FAIL' end)
        from assay_queue.messages m where m.id = any (s.last_message_ids)
      ) as last_states
      from assay_queue.schedules s where ${condition} order by s.created_at, s.id`;
    return rows.map((row) => ({
      id: row.id,
      cron: row.cron,
      spec: row.spec,
      body: new Uint8Array(row.body),
      nextAt: row.next_at,
      createdAt: row.created_at,
      callerIp: row.caller_ip,
      isPaused: row.is_paused,
      lastAt: row.last_at,
      lastStates: row.last_states ?? {},
    }));
  }
}
