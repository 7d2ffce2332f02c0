import type { Row, Sql, TransactionSql } from "postgres";
import type { Message } from "../message.ts";
import { toMessage } from "./rows.ts";

/**
 * Takes due messages for delivery, oldest first, as many as queues, flow controls and `limit` allow.
 *
 * One process serves a queue: what is marked in flight and is not in `own` lost its outcome, or the claim's answer, with a connection.
 *
 * @param sql Connections.
 * @param nowMs The clock.
 * @param limit Most messages to take.
 * @param own Ids of the messages this process is delivering.
 */
export async function claimDue(
  sql: Sql,
  nowMs: number,
  limit: number,
  own: readonly string[],
): Promise<Message[]> {
  const now = new Date(nowMs);
  return await sql.begin(async (tx) => {
    await takeBack(tx, own, nowMs);
    const free = await freeFlows(tx, now, limit);
    const chosen: Row[] = [];
    for (const row of await candidates(tx, now, limit, free)) {
      if (row.flow_key !== null) {
        const left = free.get(row.flow_key) ?? 0;
        if (left === 0) continue;
        free.set(row.flow_key, left - 1);
      }
      chosen.push(row);
      if (chosen.length === limit) break;
    }
    return chosen.length === 0 ? [] : await start(tx, chosen, now);
  });
}

/** Takes back what is marked in flight and nobody delivers; one that was to be cancelled ends. */
export async function takeBack(
  tx: TransactionSql,
  own: readonly string[],
  nowMs: number,
): Promise<void> {
  const now = new Date(nowMs);
  await tx`
    with taken as (
      update assay_queue.messages
      set in_flight = false,
          state = case when state = 'ACTIVE' and is_cancel_requested then 'CANCELLED' else state end,
          ended_at = case when state = 'ACTIVE' and is_cancel_requested then ${now}::timestamptz else ended_at end
      where in_flight and id <> all (${own as string[]})
      returning id, state
    )
    insert into assay_queue.events (message_id, at, state)
    select id, ${now}, state from taken where state = 'CANCELLED'`;
}

/** How many more messages of each waiting flow key may start. */
async function freeFlows(
  tx: TransactionSql,
  now: Date,
  limit: number,
): Promise<Map<string, number>> {
  const rows = await tx`
    select f.key, greatest(0, least(
      ${limit},
      f.parallelism - (
        select count(*)::int from assay_queue.messages m
        where m.in_flight and m.flow_key = f.key
      ),
      f.rate - case
        when f.period_started_at + make_interval(secs => f.period_seconds) > ${now}
        then f.rate_count else 0 end
    )) as free
    from assay_queue.flow_controls f
    where not f.is_paused and exists (
      select 1 from assay_queue.messages m
      where m.state = 'ACTIVE' and m.flow_key = f.key and m.not_before <= ${now} and not m.in_flight
    )`;
  return new Map(rows.map((row) => [row.key, row.free]));
}

/**
 * Due messages in the order they are to start: those of no key and no queue, the first of each key, and of each queue those at its head.
 * A message that waits for a retry, and a callback of a message that has ended, keep their place at the head.
 */
async function candidates(
  tx: TransactionSql,
  now: Date,
  limit: number,
  free: ReadonlyMap<string, number>,
): Promise<readonly Row[]> {
  return await tx`
    select id, flow_key from (
      (
        select id, flow_key, not_before, position from assay_queue.messages
        where state = 'ACTIVE' and not in_flight and not_before <= ${now}
          and flow_key is null and queue_name is null and not is_cancel_requested
        order by not_before, position limit ${limit}
      )
      union all
      select m.* from unnest(${[...free.keys()]}::text[], ${[
    ...free.values(),
  ]}::int[]) as f (key, free)
      cross join lateral (
        select id, flow_key, not_before, position from assay_queue.messages
        where state = 'ACTIVE' and not in_flight and not_before <= ${now}
          and flow_key = f.key and queue_name is null and not is_cancel_requested
        order by not_before, position limit f.free
      ) m
      union all
      select m.id, m.flow_key, m.not_before, m.position from assay_queue.queues q
      cross join lateral (
        select id, flow_key, not_before, position, in_flight, is_cancel_requested from assay_queue.messages
        where state = 'ACTIVE' and queue_name = q.name and (is_started or not_before <= ${now})
        order by position limit greatest(0, q.parallelism - (
          select count(distinct c.source_id) from assay_queue.messages c
          join assay_queue.messages s on s.id = c.source_id
          where c.state = 'ACTIVE' and c.source_queue = q.name and s.state <> 'ACTIVE'
        ))
      ) m
      where not q.is_paused and not m.in_flight and m.not_before <= ${now} and not m.is_cancel_requested
    ) due
    order by not_before, position`;
}

async function start(
  tx: TransactionSql,
  chosen: readonly Row[],
  now: Date,
): Promise<Message[]> {
  const rows = await tx`
    update assay_queue.messages set in_flight = true, is_started = true
    where id = any (${chosen.map((row) => row.id)})
      and state = 'ACTIVE' and not in_flight and not is_cancel_requested
    returning *`;
  const order = new Map(chosen.map((row, i) => [row.id, i]));
  const messages = rows.map(toMessage)
    .sort((a, b) => order.get(a.id)! - order.get(b.id)!);
  await tx`
    insert into assay_queue.events (message_id, at, state)
    select id, ${now}, 'ACTIVE' from unnest(${
    messages.map((m) => m.id)
  }::text[]) as id`;
  await tx`
    update assay_queue.flow_controls f
    set rate_count = started.n + case when is_same then f.rate_count else 0 end,
        period_started_at = case when is_same then f.period_started_at else ${now} end
    from (
      select c.key, count(*)::int as n,
        c.period_started_at + make_interval(secs => c.period_seconds) > ${now} as is_same
      from unnest(${
    messages.flatMap((m) => m.spec.flow?.key ?? [])
  }::text[]) as m (key)
      join assay_queue.flow_controls c on c.key = m.key
      group by c.key
    ) started
    where started.key = f.key`;
  return messages;
}
