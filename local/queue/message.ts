/** How many messages of one key may be in flight, and be started in a period. */
export interface FlowSettings {
  /** Messages of one key are counted together, whatever their destination. */
  readonly key: string;
  /** Most in flight at once; null: any number. */
  readonly parallelism: number | null;
  /** Most started in a period; null: any number. */
  readonly rate: number | null;
  /** That period. */
  readonly periodSeconds: number;
}

/** What the API shows only as a hash. */
export interface Redaction {
  /** The body. */
  readonly body: boolean;
  /** All headers, or those of these names in lower case. */
  readonly headers: true | readonly string[];
}

/** What a caller asked to be delivered, as its headers say. */
export interface MessageSpec {
  /** URL, exactly as it stood in the request, or the name of a URL group. */
  readonly destination: string;
  /** Queue it waits in; null: none. */
  readonly queueName: string | null;
  /** HTTP method of the delivery. */
  readonly method: string;
  /** Headers to forward, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Most attempts after the first. */
  readonly retries: number;
  /** Expression in milliseconds over `retried`; null: the service's own back-off. */
  readonly retryDelay: string | null;
  /** Longest wait for an answer. */
  readonly timeoutSeconds: number;
  /** Wait before the first attempt. */
  readonly delaySeconds: number;
  /** Earliest first attempt, milliseconds since 1970; wins over the delay; null: the delay holds. */
  readonly notBeforeMs: number | null;
  /** Messages of one id within ten minutes are one; null: never. */
  readonly dedupId: string | null;
  /** Null: no bound. */
  readonly flow: FlowSettings | null;
  /** Names to find it by in logs and dead letters. */
  readonly labels: readonly string[];
  /** What is not to be shown. */
  readonly redact: Redaction;
  /** Told of each attempt; null: nobody. */
  readonly callback: MessageSpec | null;
  /** Told when it has failed for good; null: nobody. */
  readonly failureCallback: MessageSpec | null;
}

/** A message to be kept. */
export interface Draft {
  /** What was asked for. */
  readonly spec: MessageSpec;
  /** Where it goes. */
  readonly url: string;
  /** Bytes to deliver. */
  readonly body: Uint8Array;
  /** Earliest first attempt, milliseconds since 1970. */
  readonly notBeforeMs: number;
  /** Address of who published it; null: unknown. */
  readonly callerIp: string | null;
  /** URL group it was published to. */
  readonly topicName?: string | undefined;
  /** Name of the endpoint in that group. */
  readonly endpointName?: string | undefined;
  /** Schedule that published it. */
  readonly scheduleId?: string | undefined;
  /** Message it is the callback of. */
  readonly sourceId?: string | undefined;
  /** Queue that waits for this callback. */
  readonly sourceQueue?: string | undefined;
}

/** An HTTP answer, as far as it is kept. */
export interface Answer {
  /** Null: there was none. */
  readonly status: number | null;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** At most as long as a message may be. */
  readonly body: Uint8Array;
  /** Why there was none; null if there was. */
  readonly error: string | null;
}

/** A message as it is kept. */
export interface Message {
  /** `msg_...`. */
  readonly id: string;
  /** Order of arrival. */
  readonly position: string;
  /** What was asked for; `destination` is the URL. */
  readonly spec: MessageSpec;
  /** Bytes to deliver. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** ACTIVE until it has ended. */
  readonly state: "ACTIVE" | "DELIVERED" | "FAILED" | "CANCELLED";
  /** Retries made so far. */
  readonly retried: number;
  /** Earliest next attempt. */
  readonly notBefore: Date;
  /** When it was published. */
  readonly createdAt: Date;
  /** When it ended; null: it has not. */
  readonly endedAt: Date | null;
  /** Address of who published it; null: unknown. */
  readonly callerIp: string | null;
  /** URL group it was published to. */
  readonly topicName: string | null;
  /** Name of the endpoint in that group. */
  readonly endpointName: string | null;
  /** Schedule that published it. */
  readonly scheduleId: string | null;
  /** Outcome of the last failed attempt; null: none failed. */
  readonly lastAnswer: Answer | null;
}

/** Id of a failed message among the dead letters: when it ended, then its order of arrival. */
export function dlqIdOf(message: Message, endedMs: number): string {
  return `${endedMs}-${message.position}`;
}

/** When a message published now is due, milliseconds since 1970. */
export function dueMs(spec: MessageSpec, nowMs: number): number {
  return spec.notBeforeMs ?? nowMs + spec.delaySeconds * 1000;
}
