import { createHash, type Hash } from "node:crypto";
import { AppError } from "@shared/errors.ts";
import type { Content } from "./store/part_store.ts";

/** Most bytes of one part through a function, which has 2 s of CPU and 256 MB of memory. */
export const MAX_PART_BYTES = 32 * 1_048_576;

/** Most bytes that are taken whole: to pass them on piece by piece costs more CPU than to hold them costs memory. */
const MOST_WHOLE_BYTES = 1_048_576;

/** What bytes are, in the sentences of errors. */
export interface Received {
  /** Its name. */
  readonly what: string;
  /** What to do where there are too many. */
  readonly ifTooLarge: string;
}

const PART: Received = { what: "part", ifTooLarge: "send it as several parts" };

/** Bytes on their way, counted and hashed. */
export interface Meter {
  /**
   * The same bytes, once: as they come, or whole where they are few. A stream errors past the limit.
   *
   * @throws {AppError} `validation_failed` if few bytes broke off.
   */
  read(): Promise<ReadableStream<Uint8Array> | Uint8Array>;
  /** Throws `too_large` if more than the limit has passed: then that is what broke the stream. */
  checkSize(): void;
  /** What passed, once it has been read. Throws `too_large` or `validation_failed` if it was too much or nothing. */
  content(): Content;
}

/** Meters a request's body. */
export function meter(
  request: Pick<Request, "body" | "headers" | "bytes">,
  maxBytes = MAX_PART_BYTES,
  received = PART,
): Meter {
  const hash: Hash = createHash("sha256");
  let sizeBytes = 0;
  let content: Content | undefined;
  const announced = request.headers.get("content-length");
  const mostWhole = Math.min(MOST_WHOLE_BYTES, maxBytes);
  const isWhole = announced !== null && Number(announced) <= mostWhole;
  const pass = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > maxBytes) {
        controller.error(tooLarge(maxBytes, received));
        return;
      }
      hash.update(chunk);
      controller.enqueue(chunk);
    },
  });
  const checkSize = () => {
    if (sizeBytes > maxBytes) throw tooLarge(maxBytes, received);
  };
  return {
    checkSize,
    async read() {
      if (!isWhole) {
        return (request.body ?? new Blob([]).stream()).pipeThrough(pass);
      }
      const bytes = await request.bytes().catch((error) => {
        throw brokenOff(error, received);
      });
      const sha256 = await crypto.subtle.digest("SHA-256", bytes); // off this thread
      sizeBytes = bytes.length;
      content = { sizeBytes, sha256: new Uint8Array(sha256) };
      return bytes;
    },
    content() {
      checkSize();
      if (sizeBytes === 0) {
        throw new AppError(
          "validation_failed",
          `Cannot take ${received.what}: its body is empty`,
        );
      }
      content ??= { sizeBytes, sha256: new Uint8Array(hash.digest()) };
      return content;
    },
  };
}

/** Reads a metered body to its end, for its content alone. */
export async function readContent(metered: Meter): Promise<Content> {
  const body = await metered.read();
  if (body instanceof Uint8Array) return metered.content();
  try {
    await body.pipeTo(new WritableStream());
  } catch (error) {
    metered.checkSize();
    throw brokenOff(error);
  }
  return metered.content();
}

function brokenOff(cause: unknown, { what } = PART): AppError {
  return new AppError(
    "validation_failed",
    `Cannot take ${what}: its body broke off`,
    { cause },
  );
}

/** The answer to a body past the limit. */
export function tooLarge(
  maxBytes = MAX_PART_BYTES,
  { what, ifTooLarge } = PART,
): AppError {
  return new AppError(
    "too_large",
    `Cannot take ${what}: it may have at most ${maxBytes} bytes; ${ifTooLarge}`,
  );
}
