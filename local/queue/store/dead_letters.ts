import type { Sql, TransactionSql } from "postgres";
import type { Draft, Message } from "../message.ts";
import { type Filter, matching } from "./filter.ts";
import { insertMessages, type Kept } from "./insert.ts";
import { toMessage } from "./rows.ts";

/** Which dead letters, newest first. */
export interface DeadLetterPage {
  /** Ids to choose from; null: by the filter. */
  readonly dlqIds: readonly string[] | null;
  /** Which; not looked at where ids are given. */
  readonly filter: Filter;
  /** Id of the last one of the page before. */
  readonly cursor: string | null;
  /** How many. */
  readonly count: number;
}

/** A page, and where the next one starts; null: there is none. */
export interface Page<T> {
  /** What is on it. */
  readonly items: T[];
  /** To be sent back for the next page. */
  readonly cursor: string | null;
}

/** Messages that have failed for good, until they are retried, removed or too old. */
export class DeadLetterStore {
  readonly #sql: Sql;

  /** Of these connections. */
  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** One page. */
  async list(page: DeadLetterPage): Promise<Page<Message>> {
    return await this.#sql.begin((tx) => choose(tx, page));
  }

  /** Removes a page of them. */
  async remove(page: DeadLetterPage): Promise<Page<Message>> {
    return await this.#sql.begin(async (tx) => {
      const chosen = await choose(tx, page, true);
      await remove(tx, chosen.items);
      return chosen;
    });
  }

  /**
   * Publishes a page of them anew and removes them, in one transaction.
   *
   * @param page Which.
   * @param draftOf The message to publish.
   * @param nowMs The clock.
   */
  async retry(
    page: DeadLetterPage,
    draftOf: (message: Message) => Draft,
    nowMs: number,
  ): Promise<Page<Kept>> {
    return await this.#sql.begin(async (tx) => {
      const { items, cursor } = await choose(tx, page, true);
      await remove(tx, items);
      return {
        items: await insertMessages(tx, items.map(draftOf), nowMs),
        cursor,
      };
    });
  }
}

async function choose(
  tx: TransactionSql,
  { dlqIds, filter, cursor, count }: DeadLetterPage,
  isLocked = false,
): Promise<Page<Message>> {
  const after = cursor === null ? null : positionOf(cursor);
  const rows = await tx`
    select m.* from assay_queue.messages m
    where m.state = 'FAILED' and not m.is_dlq_removed
      and ${
    dlqIds === null
      ? matching(tx, filter, "m.ended_at")
      : tx`m.position = any (${
        dlqIds.map((id) => positionOf(id)?.position ?? "-1")
      }::bigint[])
        and (extract(epoch from m.ended_at) * 1000)::bigint || '-' || m.position = any (${dlqIds as string[]})`
  }
      and ${
    after === null ? tx`true` : tx`(m.ended_at, m.position) < (${new Date(
      after.endedMs,
    )}, ${after.position}::bigint)`
  }
    order by m.ended_at desc, m.position desc limit ${count + 1}
    ${isLocked ? tx`for update` : tx``}`;
  const items = rows.slice(0, count).map(toMessage);
  const last = items.at(-1);
  return {
    items,
    cursor: rows.length > count
      ? `${last!.endedAt!.getTime()}-${last!.position}`
      : null,
  };
}

async function remove(
  tx: TransactionSql,
  messages: readonly Message[],
): Promise<void> {
  await tx`
    update assay_queue.messages set is_dlq_removed = true
    where id = any (${messages.map((m) => m.id)})`;
}

function positionOf(
  dlqId: string,
): { endedMs: number; position: string } | null {
  const match = /^(\d{1,15})-(\d{1,18})$/.exec(dlqId);
  return match && { endedMs: Number(match[1]), position: match[2]! };
}
