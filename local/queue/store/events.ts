import type { Sql } from "postgres";
import type { Answer, Message } from "../message.ts";
import type { Page } from "./dead_letters.ts";
import { type Filter, matching } from "./filter.ts";
import { toAnswer, toMessage } from "./rows.ts";

/** Something that happened to a message. */
export interface MessageEvent {
  /** When. */
  readonly at: Date;
  /** State the message came into. */
  readonly state: string;
  /** When it is tried next; null: it says nothing of that. */
  readonly nextAt: Date | null;
  /** What the destination answered; null: it says nothing of that. */
  readonly answer: Answer | null;
  /** The message. */
  readonly message: Message;
}

/** Which events, newest first. */
export interface EventPage {
  /** Of which messages; dates are the events'. */
  readonly filter: Filter;
  /** States; null: all. */
  readonly states: readonly string[] | null;
  /** Where to go on: an earlier page's cursor, or a time in milliseconds since 1970. */
  readonly cursor: { readonly ms: number; readonly id: string | null } | null;
  /** How many. */
  readonly count: number;
}

/** The log. It lasts as long as its messages. */
export class EventStore {
  readonly #sql: Sql;

  /** Of these connections. */
  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** One page. */
  async list(
    { filter, states, cursor, count }: EventPage,
  ): Promise<Page<MessageEvent>> {
    const sql = this.#sql;
    const rows = await sql`
      select m.*, e.id as event_id, e.at, e.state as event_state, e.error, e.next_at, e.response_status, e.response_headers,
        e.response_body
      from assay_queue.events e join assay_queue.messages m on m.id = e.message_id
      where ${matching(sql, filter, "e.at")}
        and ${
      states === null ? sql`true` : sql`e.state = any (${states as string[]})`
    }
        and ${
      cursor === null
        ? sql`true`
        : cursor.id === null
        ? sql`e.at <= ${new Date(cursor.ms)}`
        : sql`(e.at, e.id) < (${new Date(cursor.ms)}, ${cursor.id}::bigint)`
    }
      order by e.at desc, e.id desc limit ${count + 1}`;
    const last = rows[count - 1];
    return {
      items: rows.slice(0, count).map((row) => ({
        at: row.at,
        state: row.event_state,
        nextAt: row.next_at,
        answer: toAnswer(
          row.response_status,
          row.response_headers,
          row.response_body,
          row.error,
        ),
        message: toMessage(row),
      })),
      cursor: rows.length > count
        ? `${last!.at.getTime()}-${last!.event_id}`
        : null,
    };
  }
}
