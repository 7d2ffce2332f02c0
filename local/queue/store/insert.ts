import type { TransactionSql } from "postgres";
import type { Draft } from "../message.ts";

const DEDUP_MINUTES = 10;

/** What became of a draft. */
export interface Kept {
  /** Id of the message, or of the earlier one it repeats. */
  readonly id: string;
  /** Where it goes. */
  readonly url: string;
  /** Whether an earlier message has its deduplication id. */
  readonly isDuplicate: boolean;
}

/**
 * Keeps messages, with their queues and flow controls, in the caller's transaction.
 *
 * @returns One a draft, in order.
 */
export async function insertMessages(
  tx: TransactionSql,
  drafts: readonly Draft[],
  nowMs: number,
): Promise<Kept[]> {
  const dedupIds = drafts.flatMap(({ spec }) => spec.dedupId ?? []);
  for (const id of [...new Set(dedupIds)].sort()) { // in one order, so that two batches never wait for each other
    await tx`select pg_advisory_xact_lock(hashtextextended(${id}, 0))`;
  }
  const kept: Kept[] = [];
  for (const draft of drafts) {
    const earlier = await earlierId(tx, draft, nowMs);
    kept.push({
      id: earlier ?? await insert(tx, draft, nowMs),
      url: draft.url,
      isDuplicate: earlier !== null,
    });
  }
  return kept;
}

/** In a group, each endpoint has its own message of one id. */
async function earlierId(
  tx: TransactionSql,
  { spec, url, topicName }: Draft,
  nowMs: number,
): Promise<string | null> {
  if (spec.dedupId === null) return null;
  const [row] = await tx`
    select id from assay_queue.messages
    where dedup_id = ${spec.dedupId}
      and topic_name is not distinct from ${topicName ?? null}
      and (${topicName ?? null}::text is null or url = ${url})
      and created_at > ${new Date(nowMs)}::timestamptz
        - make_interval(mins => ${DEDUP_MINUTES})
    limit 1`;
  return row?.id ?? null;
}

async function insert(
  tx: TransactionSql,
  draft: Draft,
  nowMs: number,
): Promise<string> {
  const { spec } = draft;
  const id = `msg_${crypto.randomUUID().replaceAll("-", "")}`;
  const now = new Date(nowMs);
  if (spec.queueName !== null) {
    await tx`
      insert into assay_queue.queues (name, parallelism, created_at, updated_at)
      values (${spec.queueName}, 1, ${now}, ${now}) on conflict do nothing`;
  }
  if (spec.flow !== null) await keepFlow(tx, draft, now);
  await tx`
    with message as (
      insert into assay_queue.messages
        (id, url, method, headers, body, retries, retry_delay, timeout_seconds, not_before, caller_ip, topic_name, endpoint_name,
         queue_name, flow_key, flow_parallelism, flow_rate, flow_period_seconds, dedup_id, schedule_id, labels, redact,
         callback, failure_callback, source_id, source_queue, created_at)
      values
        (${id}, ${draft.url}, ${spec.method}, ${tx.json(spec.headers)},
         ${draft.body}, ${spec.retries}, ${spec.retryDelay},
         ${spec.timeoutSeconds}, ${new Date(draft.notBeforeMs)},
         ${draft.callerIp}, ${draft.topicName ?? null},
         ${draft.endpointName ?? null}, ${spec.queueName},
         ${spec.flow?.key ?? null}, ${spec.flow?.parallelism ?? null},
         ${spec.flow?.rate ?? null}, ${spec.flow?.periodSeconds ?? null},
         ${spec.dedupId}, ${draft.scheduleId ?? null},
         ${spec.labels as string[]}, ${tx.json(spec.redact as never)},
         ${tx.json(spec.callback as never)},
         ${tx.json(spec.failureCallback as never)},
         ${draft.sourceId ?? null}, ${draft.sourceQueue ?? null}, ${now})
      returning id, created_at, not_before
    )
    insert into assay_queue.events (message_id, at, state, next_at)
    select id, created_at, 'CREATED', not_before from message`;
  return id;
}

/** The latest message's settings hold for all of its key, unless others are pinned. */
async function keepFlow(
  tx: TransactionSql,
  { spec }: Draft,
  now: Date,
): Promise<void> {
  const { key, parallelism, rate, periodSeconds } = spec.flow!;
  await tx`
    insert into assay_queue.flow_controls as f
      (key, parallelism, rate, period_seconds, period_started_at, updated_at)
    values (${key}, ${parallelism}, ${rate}, ${periodSeconds}, ${now}, ${now})
    on conflict (key) do update
    set parallelism = case when f.is_pinned_parallelism then f.parallelism else excluded.parallelism end,
        rate = case when f.is_pinned_rate then f.rate else excluded.rate end,
        period_seconds = case when f.is_pinned_rate then f.period_seconds else excluded.period_seconds end,
        updated_at = excluded.updated_at`;
}
