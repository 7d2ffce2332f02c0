import type { ModelSource } from "./model_types.ts";
import { nodeFiles } from "./node_files.ts";

/** Most bytes of a model that a server takes. */
const MOST_BYTES = 256 * 1_048_576;

/** The bytes of a model. */
export interface ModelBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Name of its file without folder and ending; null: it is in none. */
  readonly fileName: string | null;
}

/**
 * Reads a model whole: its hash is told before its bytes are sent.
 *
 * @throws {RangeError} If it is empty, or larger than a server takes.
 * @throws {Error} If its file cannot be read.
 * @throws The reason of `signal`.
 */
export async function readModel(
  model: ModelSource,
  signal?: AbortSignal,
): Promise<ModelBytes> {
  signal?.throwIfAborted();
  const bytes = await bytesOf(model, signal);
  signal?.throwIfAborted();
  checkSize(bytes.length);
  if (bytes.length === 0) {
    throw new RangeError(
      "Cannot upload model as it must have bytes: current value is empty",
    );
  }
  return { bytes, fileName: fileName(model) };
}

/** SHA-256 in hex. */
export async function sha256Of(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

async function bytesOf(
  model: ModelSource,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof model === "string" || model instanceof URL) {
    return await readFileOf(model, signal);
  }
  if (model instanceof Blob) {
    checkSize(model.size);
    return new Uint8Array(await model.arrayBuffer());
  }
  if (model instanceof ReadableStream) {
    return await joined(chunksOf(model, signal), signal);
  }
  if (isIterable(model)) return await joined(model, signal);
  if (model instanceof ArrayBuffer) return new Uint8Array(model);
  if (ArrayBuffer.isView(model)) {
    const { buffer, byteOffset, byteLength } = model;
    return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
  }
  throw new TypeError(
    "Cannot upload model as it must be bytes, a Blob, a stream or the path of a file",
  );
}

function isIterable(model: unknown): model is AsyncIterable<Uint8Array> {
  return typeof model === "object" && model !== null &&
    Symbol.asyncIterator in model;
}

async function readFileOf(
  path: string | URL,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const files = await nodeFiles();
  if (!files) {
    throw new TypeError(
      "Cannot read a model's file here: give its bytes, or a Blob",
    );
  }
  checkSize((await files.fs.stat(path)).size);
  const options = signal ? { signal } : {};
  return await files.fs.readFile(path, options) as Uint8Array<ArrayBuffer>;
}

/** A stream as what `for await` takes: not every browser has that. */
async function* chunksOf(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  const stop = () => void reader.cancel(signal!.reason).catch(() => {});
  signal?.addEventListener("abort", stop, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    await reader.cancel().catch(() => {}); // of one that was too large
  }
}

async function joined(
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const all: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    if (!(chunk instanceof Uint8Array)) {
      throw new TypeError(
        `Cannot upload model as its stream must be of bytes: got ${typeof chunk}`,
      );
    }
    checkSize(size += chunk.length);
    all.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of all) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function checkSize(sizeBytes: number): void {
  if (sizeBytes <= MOST_BYTES) return;
  throw new RangeError(
    `Cannot upload model as it may have at most ${MOST_BYTES} bytes: it has ${sizeBytes} or more`,
  );
}

function fileName(model: ModelSource): string | null {
  const path = typeof model === "string"
    ? model
    : model instanceof URL
    ? decodeURIComponent(model.pathname)
    : model instanceof Blob && "name" in model
    ? String(model.name)
    : "";
  const last = path.split(/[/\\]/).at(-1)!;
  return last.replace(/(?<=.)\.[^.]*$/, "") || null;
}
