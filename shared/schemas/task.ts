import { z } from "zod";
import { AppError } from "../errors.ts";
import type { TaskMessage } from "../types/task.ts";

const taskMessage = z.object({
  version: z.literal(1),
  taskId: z.uuid(),
});

/**
 * Parses one queue message.
 *
 * @param value Decoded JSON.
 * @returns The message.
 * @throws {AppError} `validation_failed` if `value` does not match.
 */
export function parseTaskMessage(value: unknown): TaskMessage {
  const parsed = taskMessage.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError(
    "validation_failed",
    `Cannot parse task message: ${z.prettifyError(parsed.error)}`,
    { cause: parsed.error },
  );
}
