import type { Sql, TransactionSql } from "postgres";
import type { Answer, Draft, Message } from "../message.ts";
import { insertMessages } from "./insert.ts";

/** What is to be done after an attempt. */
export type Outcome =
  | { readonly kind: "delivered" | "failed" }
  | { readonly kind: "retry"; readonly notBeforeMs: number };

/**
 * Notes what came of an attempt, and keeps the callbacks that tell of it, in one transaction.
 *
 * Nothing happens if the message has ended otherwise. A message that was cancelled while it was in flight is not tried again.
 */
export async function settle(
  sql: Sql,
  message: Message,
  outcome: Outcome,
  answer: Answer,
  callbacks: readonly Draft[],
  nowMs: number,
): Promise<void> {
  const now = new Date(nowMs);
  await sql.begin(async (tx) => {
    const [row] = await tx`
      select is_cancel_requested from assay_queue.messages
      where id = ${message.id} and state = 'ACTIVE' and in_flight and retried = ${message.retried}
      for update`;
    if (!row) return;
    if (outcome.kind === "delivered") {
      await end(tx, message.id, "DELIVERED", now);
      await note(tx, message.id, "DELIVERED", now, answer);
    } else if (row.is_cancel_requested) {
      await end(tx, message.id, "CANCELLED", now);
      await note(tx, message.id, "CANCELLED", now);
      return;
    } else {
      await note(tx, message.id, "ERROR", now, answer);
      await keepAnswer(tx, message.id, answer);
      if (outcome.kind === "retry") {
        const next = new Date(outcome.notBeforeMs);
        await tx`
          update assay_queue.messages
          set retried = retried + 1, in_flight = false, not_before = ${next}
          where id = ${message.id}`;
        await note(tx, message.id, "RETRY", now, null, next);
      } else {
        await end(tx, message.id, "FAILED", now);
        await note(tx, message.id, "FAILED", now);
      }
    }
    await insertMessages(tx, callbacks, nowMs);
  });
}

async function end(
  tx: TransactionSql,
  id: string,
  state: "DELIVERED" | "FAILED" | "CANCELLED",
  now: Date,
): Promise<void> {
  await tx`
    update assay_queue.messages set state = ${state}, in_flight = false, ended_at = ${now}
    where id = ${id}`;
}

async function keepAnswer(
  tx: TransactionSql,
  id: string,
  { status, headers, body, error }: Answer,
): Promise<void> {
  await tx`
    update assay_queue.messages
    set last_status = ${status}, last_headers = ${
    tx.json(headers)
  }, last_body = ${body}, last_error = ${error}
    where id = ${id}`;
}

async function note(
  tx: TransactionSql,
  id: string,
  state: string,
  now: Date,
  answer: Answer | null = null,
  next: Date | null = null,
): Promise<void> {
  const isError = state === "ERROR";
  await tx`
    insert into assay_queue.events
      (message_id, at, state, next_at, error, response_status, response_headers, response_body)
    values
      (${id}, ${now}, ${state}, ${next}, ${answer?.error ?? null},
       ${answer?.status ?? null},
       ${isError ? tx.json(answer!.headers) : null},
       ${isError ? answer!.body : null})`;
}
