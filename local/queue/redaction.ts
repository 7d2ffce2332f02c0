import { createHash } from "node:crypto";
import { QueueError } from "./error.ts";
import type { Redaction } from "./message.ts";

/** Nothing is hidden. */
export const NO_REDACTION: Redaction = { body: false, headers: [] };

/**
 * Reads `Upstash-Redact-Fields`, such as `body, header[Authorization]`.
 *
 * @throws {QueueError} 400 with a sentence if a field is not understood.
 */
export function parseRedaction(text: string): Redaction {
  let body = false;
  let headers: true | string[] = [];
  for (const field of text.split(",").map((f) => f.trim())) {
    const name = /^headers?\[([^\]]+)\]$/i.exec(field)?.[1];
    if (field === "body") body = true;
    else if (field === "header" || field === "headers") headers = true;
    else if (name === undefined) {
      throw new QueueError(400, `invalid redact field "${field}"`);
    } else if (headers !== true) headers.push(name.toLowerCase());
  }
  return { body, headers };
}

/** What the API shows in place of a redacted value: its SHA-256, so that whoever has the value can tell. */
export function redacted(value: string | Uint8Array): string {
  return `REDACTED:${createHash("sha256").update(value).digest("hex")}`;
}
