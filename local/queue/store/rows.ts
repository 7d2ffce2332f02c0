import type { Row } from "postgres";
import type { Answer, Message } from "../message.ts";

/** A message from its row. */
export function toMessage(row: Row): Message {
  return {
    id: row.id,
    position: row.position,
    spec: {
      destination: row.url,
      queueName: row.queue_name,
      method: row.method,
      headers: row.headers,
      retries: row.retries,
      retryDelay: row.retry_delay,
      timeoutSeconds: row.timeout_seconds,
      delaySeconds: 0,
      notBeforeMs: null,
      dedupId: null,
      flow: row.flow_key === null ? null : {
        key: row.flow_key,
        parallelism: row.flow_parallelism,
        rate: row.flow_rate,
        periodSeconds: row.flow_period_seconds ?? 1,
      },
      labels: row.labels,
      redact: row.redact,
      callback: row.callback,
      failureCallback: row.failure_callback,
    },
    body: new Uint8Array(row.body),
    state: row.state,
    retried: row.retried,
    notBefore: row.not_before,
    createdAt: row.created_at,
    endedAt: row.ended_at,
    callerIp: row.caller_ip,
    topicName: row.topic_name,
    endpointName: row.endpoint_name,
    scheduleId: row.schedule_id,
    lastAnswer: toAnswer(
      row.last_status,
      row.last_headers,
      row.last_body,
      row.last_error,
    ),
  };
}

/** An answer from its columns; null if none of them is set. */
export function toAnswer(
  status: number | null,
  headers: Record<string, string> | null,
  body: Uint8Array | null,
  error: string | null,
): Answer | null {
  if (status === null && error === null) return null;
  return {
    status,
    headers: headers ?? {},
    body: body ?? new Uint8Array(),
    error,
  };
}
