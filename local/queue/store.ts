import type { Row, Sql } from "postgres";
import type { MessageSpec } from "./message.ts";

/** A message that is due, or was asked for. */
export interface Message {
  readonly id: string;
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly state: "ACTIVE" | "DELIVERED" | "FAILED" | "CANCELLED";
  readonly retries: number;
  readonly retried: number;
  readonly retryDelay: string | null;
  readonly timeoutSeconds: number;
  readonly flowKey: string | null;
  readonly flowParallelism: number | null;
  readonly scheduleId: string | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly notBefore: Date;
  readonly createdAt: Date;
}

/** A cron expression with what to publish. */
export interface Schedule {
  readonly id: string;
  readonly cron: string;
  readonly url: string;
  readonly spec: MessageSpec;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly nextAt: Date;
  readonly createdAt: Date;
}

const DEDUP_MINUTES = 10;

/** The only SQL of the queue. */
export class QueueStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Makes the tables, and takes back what a killed process had in flight. */
  async prepare(): Promise<void> {
    const schema = await Deno.readTextFile(
      new URL("./schema.sql", import.meta.url),
    );
    await this.#sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(4203118)`;
      await tx.unsafe(schema);
      await tx`update assay_queue.messages set in_flight = false where in_flight`;
    });
  }

  /** Cheapest proof that the database answers. */
  async ping(): Promise<void> {
    await this.#sql`select 1`;
  }

  /** Keeps a message; the id of an earlier one with the same deduplication id if there is. */
  async add(
    spec: MessageSpec,
    body: Uint8Array,
    nowMs: number,
    scheduleId: string | null = null,
  ): Promise<{ id: string; deduplicated: boolean }> {
    const id = `msg_${crypto.randomUUID().replaceAll("-", "")}`;
    return await this.#sql.begin(async (tx) => {
      if (spec.dedupId !== null) {
        await tx`select pg_advisory_xact_lock(hashtextextended(${spec.dedupId}, 0))`;
        const [earlier] = await tx`
          select id from assay_queue.messages
          where dedup_id = ${spec.dedupId}
            and created_at > ${new Date(
          nowMs,
        )}::timestamptz - make_interval(mins => ${DEDUP_MINUTES})
          limit 1`;
        if (earlier) return { id: earlier.id as string, deduplicated: true };
      }
      await tx`
        insert into assay_queue.messages
          (id, url, method, headers, body, retries, retry_delay, timeout_seconds, not_before,
           flow_key, flow_parallelism, dedup_id, schedule_id, created_at)
        values
          (${id}, ${spec.url}, ${spec.method}, ${
        tx.json(spec.headers)
      }, ${body}, ${spec.retries},
           ${spec.retryDelay}, ${spec.timeoutSeconds}, ${new Date(
        spec.notBeforeMs,
      )},
           ${spec.flowKey}, ${spec.flowParallelism}, ${spec.dedupId}, ${scheduleId}, ${new Date(
        nowMs,
      )})`;
      return { id, deduplicated: false };
    });
  }

  /**
   * Takes due messages for delivery, oldest first, none of a flow key in `fullKeys`.
   *
   * One process serves a queue: what is marked in flight and is not in `own` lost its outcome, or the claim's answer, with a connection.
   */
  async claimDue(
    nowMs: number,
    limit: number,
    fullKeys: string[],
    own: string[],
  ): Promise<Message[]> {
    const rows = await this.#sql`
      update assay_queue.messages m set in_flight = true
      where m.id in (
        select c.id from assay_queue.messages c
        where c.state = 'ACTIVE' and (not c.in_flight or c.id <> all (${own})) and c.not_before <= ${new Date(
      nowMs,
    )}
          and (c.flow_key is null or c.flow_key <> all (${fullKeys}))
        order by c.not_before limit ${limit} for update skip locked
      )
      returning *`;
    return rows.map(toMessage);
  }

  /** Gives back what was taken but not tried. */
  async release(id: string): Promise<void> {
    await this
      .#sql`update assay_queue.messages set in_flight = false where id = ${id}`;
  }

  /** Ends a message. */
  async end(
    id: string,
    state: "DELIVERED" | "FAILED",
    status: number | null,
    error: string | null,
    nowMs: number,
  ): Promise<void> {
    await this.#sql`
      update assay_queue.messages
      set state = ${state}, in_flight = false, last_status = ${status}, last_error = ${error},
          ended_at = ${new Date(nowMs)}
      where id = ${id} and state = 'ACTIVE'`;
  }

  /** Puts a message back for its next attempt. */
  async retry(
    id: string,
    notBeforeMs: number,
    status: number | null,
    error: string | null,
  ): Promise<void> {
    await this.#sql`
      update assay_queue.messages
      set retried = retried + 1, in_flight = false, not_before = ${new Date(
      notBeforeMs,
    )},
          last_status = ${status}, last_error = ${error}
      where id = ${id} and state = 'ACTIVE'`;
  }

  /** One message; null if there is none. */
  async get(id: string): Promise<Message | null> {
    const [row] = await this
      .#sql`select * from assay_queue.messages where id = ${id}`;
    return row ? toMessage(row) : null;
  }

  /** Cancels a message that has not ended; whether there was one. */
  async cancel(id: string, nowMs: number): Promise<boolean> {
    const rows = await this.#sql`
      update assay_queue.messages set state = 'CANCELLED', ended_at = ${new Date(
      nowMs,
    )}
      where id = ${id} and state = 'ACTIVE' returning 1`;
    return rows.length > 0;
  }

  /** Messages that have failed for good, newest first. */
  async deadLetters(limit: number): Promise<Message[]> {
    const rows = await this.#sql`
      select * from assay_queue.messages where state = 'FAILED' order by ended_at desc limit ${limit}`;
    return rows.map(toMessage);
  }

  /** Forgets a dead letter; whether there was one. */
  async removeDeadLetter(id: string): Promise<boolean> {
    const rows = await this.#sql`
      delete from assay_queue.messages where id = ${id} and state = 'FAILED' returning 1`;
    return rows.length > 0;
  }

  /** Forgets what ended long ago: delivered after a day, failed after a week. */
  async prune(nowMs: number): Promise<void> {
    await this.#sql`
      delete from assay_queue.messages
      where ended_at < ${new Date(nowMs)}::timestamptz
        - case state when 'FAILED' then interval '7 days' else interval '1 day' end`;
  }

  /** Keeps a schedule; the same id replaces the earlier one. */
  async putSchedule(
    id: string,
    cron: string,
    spec: MessageSpec,
    body: Uint8Array,
    nextAt: Date,
    nowMs: number,
  ): Promise<void> {
    await this.#sql`
      insert into assay_queue.schedules (id, cron, url, spec, body, next_at, created_at)
      values (${id}, ${cron}, ${spec.url}, ${
      this.#sql.json(spec as never)
    }, ${body}, ${nextAt}, ${new Date(nowMs)})
      on conflict (id) do update
      set cron = excluded.cron, url = excluded.url, spec = excluded.spec, body = excluded.body,
          next_at = excluded.next_at`;
  }

  /** Schedules, all or those due. */
  async schedules(dueMs?: number): Promise<Schedule[]> {
    const rows = dueMs === undefined
      ? await this
        .#sql`select * from assay_queue.schedules order by created_at, id`
      : await this
        .#sql`select * from assay_queue.schedules where next_at <= ${new Date(
        dueMs,
      )}`;
    return rows.map((row) => ({
      id: row.id,
      cron: row.cron,
      url: row.url,
      spec: row.spec,
      body: new Uint8Array(row.body),
      nextAt: row.next_at,
      createdAt: row.created_at,
    }));
  }

  /** Moves a schedule to its next time; false: another did already, or it is gone. */
  async advanceSchedule(schedule: Schedule, nextAt: Date): Promise<boolean> {
    const rows = await this.#sql`
      update assay_queue.schedules set next_at = ${nextAt}
      where id = ${schedule.id} and next_at = ${schedule.nextAt} returning 1`;
    return rows.length > 0;
  }

  /** Forgets a schedule; whether there was one. */
  async removeSchedule(id: string): Promise<boolean> {
    const rows = await this
      .#sql`delete from assay_queue.schedules where id = ${id} returning 1`;
    return rows.length > 0;
  }
}

function toMessage(row: Row): Message {
  return {
    id: row.id,
    url: row.url,
    method: row.method,
    headers: row.headers,
    body: new Uint8Array(row.body),
    state: row.state,
    retries: row.retries,
    retried: row.retried,
    retryDelay: row.retry_delay,
    timeoutSeconds: row.timeout_seconds,
    flowKey: row.flow_key,
    flowParallelism: row.flow_parallelism,
    scheduleId: row.schedule_id,
    lastStatus: row.last_status,
    lastError: row.last_error,
    notBefore: row.not_before,
    createdAt: row.created_at,
  };
}
