import { Buffer } from "node:buffer";
import { StorageError } from "./error.ts";

/** Most bytes of the fields of a form, and of the head of one part. */
const MOST_FIELD_BYTES = 1_048_576;
const MOST_HEAD_BYTES = 16_384;
const MOST_FIELDS = 20;

/** A form up to its file. Fields after the file are not looked at. */
export interface UploadForm {
  /** Fields before the file, by name. */
  readonly fields: ReadonlyMap<string, string>;
  /** Media type of the file. */
  readonly contentType: string;
  /** The file's bytes as they come. Errors if the form breaks off. */
  readonly file: ReadableStream<Uint8Array>;
}

/**
 * Reads a `multipart/form-data` body as far as its file, and hands that out as a stream: no more than a chunk is held.
 *
 * Source: RFC 7578; RFC 2046, section 5.1.
 *
 * @param body The request's body.
 * @param contentType The request's `Content-Type`, with the boundary.
 * @throws {StorageError} `InvalidRequest` if it is no form, or has no file.
 */
export async function readForm(
  body: ReadableStream<Uint8Array> | null,
  contentType: string,
): Promise<UploadForm> {
  const match = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (!boundary || !body) {
    throw new StorageError("InvalidRequest", "Multipart: Boundary not found");
  }
  const source = new Source(body);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  source.prepend(Buffer.from("\r\n")); // so that the first delimiter looks like the others
  await source.takeUntil(delimiter, MOST_HEAD_BYTES);
  const fields = new Map<string, string>();
  for (let n = 0; n <= MOST_FIELDS; n++) {
    const head = await source.takeUntil(
      Buffer.from("\r\n"),
      MOST_HEAD_BYTES,
    );
    if (head.toString().startsWith("--")) break;
    const part = await readHead(source);
    if (part.isFile) {
      return {
        fields,
        contentType: part.contentType,
        file: source.streamUntil(delimiter),
      };
    }
    const value = await source.takeUntil(delimiter, MOST_FIELD_BYTES);
    fields.set(part.name, value.toString("utf8"));
  }
  throw new StorageError("InvalidRequest", "No content provided");
}

async function readHead(source: Source): Promise<
  { name: string; contentType: string; isFile: boolean }
> {
  let name = "";
  let contentType = "";
  let isFile = false;
  for (let bytes = 0; bytes <= MOST_HEAD_BYTES;) {
    const line = await source.takeUntil(Buffer.from("\r\n"), MOST_HEAD_BYTES);
    if (line.length === 0) {
      return {
        name,
        contentType: contentType || "application/octet-stream",
        isFile: isFile || contentType === "application/octet-stream",
      };
    }
    bytes += line.length;
    const text = line.toString("utf8");
    const [, key = "", value = ""] = /^([^:]+):\s*(.*)$/.exec(text) ?? [];
    if (key.toLowerCase() === "content-type") contentType = value;
    if (key.toLowerCase() === "content-disposition") {
      name = /;\s*name="([^"]*)"/i.exec(value)?.[1] ?? "";
      isFile = /;\s*filename\*?=/i.test(value);
    }
  }
  throw new StorageError("InvalidRequest", "Multipart: part head too large");
}

/** Bytes of a stream, looked through for delimiters. */
class Source {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
  }

  prepend(bytes: Buffer): void {
    this.#held = Buffer.concat([bytes, this.#held]);
  }

  /** What stands before a delimiter; the delimiter is taken too. */
  async takeUntil(delimiter: Buffer, most: number): Promise<Buffer> {
    while (true) {
      const at = this.#held.indexOf(delimiter);
      if (at >= 0) {
        const taken = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at + delimiter.length);
        return taken;
      }
      if (this.#held.length > most + delimiter.length) {
        throw new StorageError("InvalidRequest", "Multipart: part too large");
      }
      await this.#more();
    }
  }

  /** What stands before a delimiter, as a stream. */
  streamUntil(delimiter: Buffer): ReadableStream<Uint8Array> {
    return new ReadableStream({
      pull: async (controller) => {
        while (true) {
          const at = this.#held.indexOf(delimiter);
          if (at >= 0) {
            if (at > 0) controller.enqueue(this.#take(at));
            controller.close();
            await this.#drain();
            return;
          }
          const safe = this.#held.length - delimiter.length + 1;
          if (safe > 0) return controller.enqueue(this.#take(safe));
          await this.#more();
        }
      },
      cancel: (reason) => this.#reader.cancel(reason),
    }, { highWaterMark: 0 });
  }

  #take(n: number): Uint8Array {
    const taken = this.#held.subarray(0, n);
    this.#held = this.#held.subarray(n);
    return taken;
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#reader.read();
    if (done) {
      throw new StorageError("InvalidRequest", "Unexpected end of form");
    }
    const chunk = Buffer.from(value.buffer, value.byteOffset, value.length);
    this.#held = this.#held.length === 0
      ? chunk
      : Buffer.concat([this.#held, chunk]);
  }

  /** Takes what little follows the file, so that the connection can be used again. */
  async #drain(): Promise<void> {
    for (let left = MOST_FIELD_BYTES; left > 0;) {
      const { done, value } = await this.#reader.read();
      if (done) return;
      left -= value.length;
    }
    await this.#reader.cancel();
  }
}
