import { Receiver } from "@upstash/qstash";
import { type Context, Hono } from "hono";
import { AppError } from "@shared/errors.ts";
import { parseTaskMessage } from "@shared/schemas/task.ts";
import type { Delivery } from "../runner/run_task.ts";

/** What the intake reaches outside itself. */
export interface IntakeDeps {
  /** Signing keys of the queue. */
  readonly keys: { readonly current: string; readonly next: string };
  /** Base URL that deliveries are signed for: behind a proxy a request's own URL is another. */
  readonly publicUrl: string;
  /** Runs a task to its end; null: the device is busy. */
  readonly run: (taskId: string) => Promise<Delivery> | null;
  /** Rings for tasks that have become ready, after the answer is known. */
  readonly relay: (taskIds: readonly string[]) => void;
  /** Repairs what dead processes left. */
  readonly sweep: () => Promise<void>;
  /** Writes a log line. */
  readonly log: (event: string, facts: Record<string, unknown>) => void;
}

const BUSY_SECONDS = 2;
const MOST_BYTES = 65_536; // a message is an id and a version

/** Builds the worker's door: deliveries in, status codes out that tell the queue what to do next. */
export function createIntake(deps: IntakeDeps): Hono {
  const app = new Hono();
  const receiver = new Receiver({
    currentSigningKey: deps.keys.current,
    nextSigningKey: deps.keys.next,
  });
  const base = deps.publicUrl.replace(/\/+$/, "");

  const verified = async (c: Context, path: string): Promise<string | null> => {
    const body = await bodyOf(c.req.raw);
    if (body === null) return null;
    try {
      await receiver.verify({
        signature: c.req.header("upstash-signature") ?? "",
        body,
        url: `${base}${path}`,
        clockTolerance: 5,
      });
      return body;
    } catch {
      return null;
    }
  };

  app.get("/health", (c) => c.json({ status: "ok" }));

  app.post("/v1/tasks", async (c) => {
    const body = await verified(c, "/v1/tasks");
    if (body === null) {
      return refuse(
        c,
        401,
        "unauthenticated",
        "Cannot take delivery: its signature is not valid",
      );
    }
    let taskId: string;
    try {
      ({ taskId } = parseTaskMessage(JSON.parse(body)));
    } catch (error) {
      return never(
        c,
        error instanceof AppError
          ? error.message
          : "Cannot parse task message: it is no JSON",
      );
    }
    const running = deps.run(taskId);
    if (running === null) return later(c, BUSY_SECONDS, "The device is busy");
    const delivery = await running;
    if (delivery.outcome === "done") deps.relay(delivery.taskIds);
    if (delivery.outcome === "requeued") deps.relay([taskId]);
    if (delivery.outcome === "held") {
      return later(
        c,
        delivery.retryAfterSeconds,
        "Another worker holds the task",
      );
    }
    if (delivery.outcome === "failed") {
      return never(c, "The job has failed; its row says why");
    }
    return c.json({ outcome: delivery.outcome });
  });

  app.post("/v1/sweep", async (c) => {
    if (await verified(c, "/v1/sweep") === null) {
      return refuse(
        c,
        401,
        "unauthenticated",
        "Cannot sweep: the signature is not valid",
      );
    }
    await deps.sweep();
    return c.json({ outcome: "swept" });
  });

  app.onError((error, c) => {
    deps.log("unhandled_error", { error: error.name, message: error.message });
    return refuse(c, 500, "internal", "Internal error");
  });
  return app;
}

/** The body as text; null if it is larger than any message, of which no more is read. */
async function bodyOf(request: Request): Promise<string | null> {
  const decoder = new TextDecoder();
  let [text, size] = ["", 0];
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Asks the queue to ring again. */
function later(c: Context, seconds: number, message: string): Response {
  c.header("retry-after", String(seconds));
  return refuse(c, 503, "upstream_unavailable", message);
}

/** Tells the queue that another try changes nothing. */
function never(c: Context, message: string): Response {
  return c.json({ error: { code: "unusable_input", message } }, 489 as never, {
    "upstash-nonretryable-error": "true",
  });
}

function refuse(
  c: Context,
  status: 401 | 500 | 503,
  code: string,
  message: string,
): Response {
  return c.json({ error: { code, message } }, status);
}
