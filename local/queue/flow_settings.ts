import { parseDuration } from "./duration.ts";
import { QueueError } from "./error.ts";
import type { FlowSettings } from "./message.ts";

const LONGEST_PERIOD_SECONDS = 7 * 86_400;

/**
 * Reads the flow control headers.
 *
 * @param key Of `Upstash-Flow-Control-Key`; null: not sent.
 * @param value Of `Upstash-Flow-Control-Value`, such as `parallelism=3, rate=5, period=1m`; null: not sent.
 * @returns Null if neither was sent.
 * @throws {QueueError} 400 with a sentence if one is missing or not understood.
 */
export function parseFlow(
  key: string | null,
  value: string | null,
): FlowSettings | null {
  if (key === null && value === null) return null;
  if (!key || !value) {
    throw new QueueError(
      400,
      `invalid flow control: ${
        key ? "Upstash-Flow-Control-Value" : "Upstash-Flow-Control-Key"
      } is missing`,
    );
  }
  const parts = new Map<string, number>();
  for (const part of value.split(",")) {
    const [name, text = ""] = part.trim().split("=", 2);
    const number = name === "period"
      ? parseDuration(text)
      : /^\d+$/.test(text)
      ? Number(text)
      : null;
    const most = name === "period" ? LONGEST_PERIOD_SECONDS : 2 ** 31 - 1;
    if (
      !["parallelism", "rate", "period"].includes(name!) || !number ||
      number > most
    ) {
      throw new QueueError(400, `invalid flow control value "${value}"`);
    }
    parts.set(name!, number);
  }
  if (!parts.has("parallelism") && !parts.has("rate")) {
    throw new QueueError(
      400,
      `invalid flow control value "${value}": neither parallelism nor rate`,
    );
  }
  return {
    key,
    parallelism: parts.get("parallelism") ?? null,
    rate: parts.get("rate") ?? null,
    periodSeconds: parts.get("period") ?? 1,
  };
}
