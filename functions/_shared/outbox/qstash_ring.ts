import { Client } from "@upstash/qstash";
import type { TaskMessage } from "@shared/types/task.ts";
import type { Ring } from "./relay.ts";

/** Where QStash and the worker are. */
export interface QstashOptions {
  readonly url: string;
  readonly token: string;
  /** Base URL of the worker as QStash reaches it. */
  readonly workerUrl: string;
}

/** Postgres counts attempts and the sweeper rings again, so few redeliveries are enough: free plans allow 1,000 messages a day. */
const RETRIES = 3;

/** Most deliveries at once to all replicas together; one that is busy answers 503. */
const FLOW_CONTROL = { key: "assay-worker", parallelism: 32 };

const TIMEOUT_MS = 5_000;

/** Rings through QStash. */
export function qstashRing(options: QstashOptions): Ring {
  const client = new Client({
    baseUrl: options.url,
    token: options.token,
    devMode: false,
    enableTelemetry: false,
    retry: { retries: 1, backoff: () => 200 },
  });
  const url = `${options.workerUrl.replace(/\/+$/, "")}/v1/tasks`;
  return async (taskId, delaySeconds) => {
    const body: TaskMessage = { version: 1, taskId };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`QStash took longer than ${TIMEOUT_MS} ms`)),
        TIMEOUT_MS,
      );
    });
    try {
      await Promise.race([
        client.publishJSON({
          url,
          body,
          retries: RETRIES,
          flowControl: FLOW_CONTROL,
          ...(delaySeconds > 0 ? { delay: delaySeconds } : {}),
        }),
        tooLate,
      ]);
    } finally {
      clearTimeout(timer);
    }
  };
}
