import { createHash } from "node:crypto";
import { QueueError, quotaExceeded } from "./error.ts";
import type { Limits } from "./limits.ts";
import { type Draft, dueMs, type MessageSpec } from "./message.ts";
import { checkUrl, plainSpec, readSpec } from "./read_spec.ts";
import type { Kept } from "./store/insert.ts";
import type { TopicStore } from "./store/topics.ts";

/** Names of queues, URL groups and schedules. */
export const NAME_REGEXP = /^[A-Za-z0-9._-]+$/;

/** One message of a request. */
export interface PublishRequest {
  /** URL or name of a URL group, raw. */
  readonly destination: string;
  /** Queue named in the path or in a batch; null: none. */
  readonly queueName: string | null;
  /** Of the request, or of one entry of a batch. */
  readonly headers: Headers;
  /** Bytes to deliver. */
  readonly body: Uint8Array;
  /** Address of the caller; null: unknown. */
  readonly callerIp: string | null;
}

/** What one message of a request is answered with: an array for a URL group. */
export type PublishAnswer = MessageAnswer | (MessageAnswer & { url: string })[];

interface MessageAnswer {
  messageId: string;
  deduplicated?: true;
}

/**
 * Reads what a request asks for.
 *
 * @throws {QueueError} 400 if it is not understood, 412 if the plan does not allow it.
 */
export function readRequest(
  request: PublishRequest,
  limits: Limits,
  nowMs: number,
): MessageSpec {
  const { destination, headers, body } = request;
  if (body.length > limits.messageBytes) {
    throw quotaExceeded("maxMessageSize", limits.messageBytes);
  }
  const spec = readSpec(plainSpec(destination, limits), headers, limits, nowMs);
  const queueName = request.queueName ?? headers.get("upstash-queue-name");
  if (queueName !== null) checkName(queueName, "queue name");
  const isByContent =
    headers.get("upstash-content-based-deduplication") === "true";
  return {
    ...spec,
    queueName,
    dedupId: spec.dedupId ?? (isByContent ? contentId(spec, body) : null),
  };
}

/**
 * The messages a specification becomes: one, or one for each endpoint of its URL group.
 *
 * @throws {QueueError} 400 if the destination is neither a URL nor a group's name, 404 if there is no such group.
 */
export async function draftsOf(
  spec: MessageSpec,
  { body, callerIp, scheduleId }: Pick<
    Draft,
    "body" | "callerIp" | "scheduleId"
  >,
  topics: TopicStore,
  nowMs: number,
): Promise<Draft[]> {
  const notBeforeMs = dueMs(spec, nowMs);
  const draft = { body, callerIp, scheduleId };
  const { destination } = spec;
  if (!NAME_REGEXP.test(destination)) {
    checkUrl(destination, "destination");
    return [{ ...draft, spec, url: destination, notBeforeMs }];
  }
  const topic = await topics.get(destination);
  if (topic === null) {
    throw new QueueError(
      404,
      `url group "${destination}" not found; a destination that is a URL starts with http:// or https://`,
    );
  }
  return topic.endpoints.map(({ url, name }) => ({
    ...draft,
    spec,
    url,
    notBeforeMs,
    topicName: topic.name,
    endpointName: name,
  }));
}

/** The answer about the messages of one {@linkcode draftsOf}. */
export function answerOf(
  spec: MessageSpec,
  kept: readonly Kept[],
): PublishAnswer {
  const answers = kept.map(({ id, isDuplicate }): MessageAnswer =>
    isDuplicate ? { messageId: id, deduplicated: true } : { messageId: id }
  );
  return NAME_REGEXP.test(spec.destination)
    ? answers.map((answer, i) => ({ ...answer, url: kept[i]!.url }))
    : answers[0]!;
}

/** Refuses a name that cannot stand in a path. */
export function checkName(name: string, what: string): void {
  if (!NAME_REGEXP.test(name)) {
    throw new QueueError(
      400,
      `invalid ${what} "${name}": it may have letters, digits, hyphens, periods and underscores`,
    );
  }
}

/** Same destination, body, content type and forwarded headers: the same message. */
function contentId(spec: MessageSpec, body: Uint8Array): string {
  const headers = Object.entries(spec.headers).sort(([a], [b]) =>
    a < b ? -1 : 1
  );
  const hash = createHash("sha256")
    .update(JSON.stringify([spec.destination, headers]))
    .update(body)
    .digest("hex");
  return `content-${hash}`;
}
