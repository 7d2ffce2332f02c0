import { createHash, type Hash } from "node:crypto";
import { AppError } from "@shared/errors.ts";
import type { Content } from "../_shared/store/part_store.ts";

/** Most bytes of one part through a function, which has 2 s of CPU and 256 MB of memory. */
export const MAX_PART_BYTES = 32 * 1_048_576;

/** Bytes on their way, counted and hashed as they pass; nothing is kept. */
export interface Meter {
  /** The same bytes, as they come. Errors past the limit. */
  readonly stream: ReadableStream<Uint8Array>;
  /** What passed, once the stream has ended. Throws `too_large` or `validation_failed` if it was too much or nothing. */
  content(): Content;
}

/** Meters a request's body. */
export function meter(
  body: ReadableStream<Uint8Array> | null,
  maxBytes = MAX_PART_BYTES,
): Meter {
  const hash: Hash = createHash("sha256");
  let sizeBytes = 0;
  const stream = (body ?? new Blob([]).stream()).pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        sizeBytes += chunk.byteLength;
        if (sizeBytes > maxBytes) {
          controller.error(tooLarge(maxBytes));
          return;
        }
        hash.update(chunk);
        controller.enqueue(chunk);
      },
    }),
  );
  let content: Content | undefined;
  return {
    stream,
    content() {
      if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
      if (sizeBytes === 0) {
        throw new AppError(
          "validation_failed",
          "Cannot take part: its body is empty",
        );
      }
      content ??= { sizeBytes, sha256: new Uint8Array(hash.digest()) };
      return content;
    },
  };
}

/** Reads a metered body to its end, for its content alone. */
export async function readContent(metered: Meter): Promise<Content> {
  try {
    await metered.stream.pipeTo(new WritableStream());
  } catch (error) {
    metered.content(); // says so if it was too large
    throw new AppError(
      "validation_failed",
      "Cannot take part: its body broke off",
      { cause: error },
    );
  }
  return metered.content();
}

/** The answer to a body past the limit. */
export function tooLarge(maxBytes = MAX_PART_BYTES): AppError {
  return new AppError(
    "too_large",
    `Cannot take part: it may have at most ${maxBytes} bytes; send it as several parts`,
  );
}
