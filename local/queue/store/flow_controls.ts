import type { Sql } from "postgres";

/** State of a flow control key. */
export interface FlowControl {
  /** The key. */
  readonly key: string;
  /** Due messages that are not in flight. */
  readonly waiting: number;
  /** Most in flight; null: any number. */
  readonly parallelism: number | null;
  /** In flight now. */
  readonly inFlight: number;
  /** Most started in a period; null: any number. */
  readonly rate: number | null;
  /** Started in this period. */
  readonly rateCount: number;
  /** Length of a period. */
  readonly periodSeconds: number;
  /** When this period started. */
  readonly periodStartedAt: Date;
  /** Whether nothing of it is started. */
  readonly isPaused: boolean;
  /** Whether messages do not change its parallelism. */
  readonly isPinnedParallelism: boolean;
  /** Whether messages do not change its rate and period. */
  readonly isPinnedRate: boolean;
}

/** Values to hold whatever messages say; null: not this one. */
export interface Pin {
  /** Most in flight. */
  readonly parallelism: number | null;
  /** Most started in a period. */
  readonly rate: number | null;
  /** Length of a period; null: as it is. */
  readonly periodSeconds: number | null;
}

/** Flow control keys, made by their first message or by hand. */
export class FlowControlStore {
  readonly #sql: Sql;

  /** Of these connections. */
  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** All keys, or the one asked for. */
  async list(nowMs: number, key: string | null = null): Promise<FlowControl[]> {
    const now = new Date(nowMs);
    const rows = await this.#sql`
      select f.*,
        f.period_started_at + make_interval(secs => f.period_seconds) > ${now} as is_same,
        (select count(*)::int from assay_queue.messages m
         where m.state = 'ACTIVE' and m.flow_key = f.key and m.not_before <= ${now} and not m.in_flight) as waiting,
        (select count(*)::int from assay_queue.messages m where m.in_flight and m.flow_key = f.key) as running
      from assay_queue.flow_controls f where ${key}::text is null or f.key = ${key} order by f.key`;
    return rows.map((row) => ({
      key: row.key,
      waiting: row.waiting,
      parallelism: row.parallelism,
      inFlight: row.running,
      rate: row.rate,
      rateCount: row.is_same ? row.rate_count : 0,
      periodSeconds: row.period_seconds,
      periodStartedAt: row.period_started_at,
      isPaused: row.is_paused,
      isPinnedParallelism: row.is_pinned_parallelism,
      isPinnedRate: row.is_pinned_rate,
    }));
  }

  /** Messages in flight, of all keys and of none. */
  async countInFlight(): Promise<number> {
    const [row] = await this.#sql`
      select count(*)::int as n from assay_queue.messages where in_flight`;
    return row!.n;
  }

  /** Stops or resumes delivery of a key, known or not. */
  async setPaused(
    key: string,
    isPaused: boolean,
    nowMs: number,
  ): Promise<void> {
    const now = new Date(nowMs);
    await this.#sql`
      insert into assay_queue.flow_controls (key, is_paused, period_started_at, updated_at)
      values (${key}, ${isPaused}, ${now}, ${now})
      on conflict (key) do update set is_paused = excluded.is_paused, updated_at = excluded.updated_at`;
  }

  /** Holds values against those of messages, and starts a new period. */
  async pin(key: string, pin: Pin, nowMs: number): Promise<void> {
    const now = new Date(nowMs);
    const { parallelism, rate, periodSeconds } = pin;
    await this.#sql`
      insert into assay_queue.flow_controls as f
        (key, parallelism, rate, period_seconds, is_pinned_parallelism, is_pinned_rate, period_started_at, updated_at)
      values
        (${key}, ${parallelism}, ${rate}, coalesce(${periodSeconds}::int, 1),
         ${parallelism !== null}, ${rate !== null}, ${now}, ${now})
      on conflict (key) do update
      set parallelism = case when excluded.is_pinned_parallelism then excluded.parallelism else f.parallelism end,
          is_pinned_parallelism = f.is_pinned_parallelism or excluded.is_pinned_parallelism,
          rate = case when excluded.is_pinned_rate then excluded.rate else f.rate end,
          period_seconds = case when excluded.is_pinned_rate
            then coalesce(${periodSeconds}::int, f.period_seconds) else f.period_seconds end,
          is_pinned_rate = f.is_pinned_rate or excluded.is_pinned_rate,
          rate_count = 0, period_started_at = excluded.period_started_at, updated_at = excluded.updated_at`;
  }

  /** Lets messages change the values again, which hold until one does. */
  async unpin(
    key: string,
    what: { parallelism: boolean; rate: boolean },
    nowMs: number,
  ): Promise<void> {
    await this.#sql`
      update assay_queue.flow_controls
      set is_pinned_parallelism = is_pinned_parallelism and not ${what.parallelism},
          is_pinned_rate = is_pinned_rate and not ${what.rate}, updated_at = ${new Date(
      nowMs,
    )}
      where key = ${key}`;
  }

  /** Starts a new period. */
  async resetRate(key: string, nowMs: number): Promise<void> {
    const now = new Date(nowMs);
    await this.#sql`
      update assay_queue.flow_controls
      set rate_count = 0, period_started_at = ${now}, updated_at = ${now} where key = ${key}`;
  }
}
