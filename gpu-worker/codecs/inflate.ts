import { AppError } from "@shared/errors.ts";

/** Most bytes a part may grow to: the largest part, eight times over. */
const MOST_BYTES = 512 * 1024 ** 2;

/**
 * Bytes of a part without their content encoding.
 *
 * @param bytes As stored.
 * @param contentEncoding `identity` or `gzip`.
 * @throws {AppError} `unusable_input` if the bytes are no gzip, are cut short, or grow past 512 MB.
 */
export async function inflate(
  bytes: Uint8Array<ArrayBuffer>,
  contentEncoding: string,
): Promise<Uint8Array<ArrayBuffer>> {
  if (contentEncoding !== "gzip") return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(
    new DecompressionStream("gzip"),
  );
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > MOST_BYTES) {
        throw new AppError(
          "unusable_input",
          `it must not grow past ${MOST_BYTES} bytes when unpacked`,
        );
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("unusable_input", "it is no whole gzip", {
      cause: error,
    });
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
