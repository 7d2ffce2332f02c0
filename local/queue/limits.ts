/** What a plan of the service allows. */
export interface Limits {
  /** Largest body of a message, and of a response that a callback tells of. */
  readonly messageBytes: number;
  /** Longest delay before the first attempt. */
  readonly delaySeconds: number;
  /** Longest wait for an answer. */
  readonly timeoutSeconds: number;
  /** Most retries a message may ask for. */
  readonly retries: number;
  /** Most queues. */
  readonly queues: number;
  /** Most deliveries at once a queue may ask for. */
  readonly queueParallelism: number;
  /** How long failed messages are kept. */
  readonly dlqDays: number;
}

/** Plans by name, as the pricing page has them; what runs within `free` runs on all. */
export const PLANS: Readonly<Record<"free" | "payg", Limits>> = {
  free: {
    messageBytes: 1_048_576,
    delaySeconds: 7 * 86_400,
    timeoutSeconds: 900,
    retries: 5,
    queues: 10,
    queueParallelism: 2,
    dlqDays: 3,
  },
  payg: {
    messageBytes: 10_485_760,
    delaySeconds: 365 * 86_400,
    timeoutSeconds: 7200,
    retries: 999,
    queues: 100,
    queueParallelism: 100,
    dlqDays: 7,
  },
};
