import { createHash } from "node:crypto";
import tar from "tar-stream";
import type { ObjectStore } from "../store/object_store.ts";

/** Hosted free plans take 50 MB an object. */
const OBJECT_BYTES = 32_000_000;

/** What an archive came to. */
export interface ArchiveFile {
  /** Objects that hold it, in order. */
  readonly paths: readonly string[];
  /** Of the whole file. */
  readonly sizeBytes: number;
  /** Of the whole file, in hex. */
  readonly sha256: string;
}

/** A `.tar.gz` that is written to Storage while it grows: one object's worth of it is in memory. */
export class Archive {
  readonly #pack = tar.pack();
  readonly #objects: ObjectStore;
  readonly #path: string;
  readonly #writing: Promise<void>;
  readonly #hash = createHash("sha256");
  readonly #paths: string[] = [];
  readonly #mostBytes: number;
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #waitingBytes = 0;
  #sizeBytes = 0;

  /**
   * @param objects Where it goes.
   * @param path Of its first object; those after it end in `.1`, `.2`, and so on.
   * @param mostBytes Of one object.
   */
  constructor(objects: ObjectStore, path: string, mostBytes = OBJECT_BYTES) {
    this.#objects = objects;
    this.#path = path;
    this.#mostBytes = mostBytes;
    this.#writing = this.#write();
    this.#writing.catch(() => {}); // whoever adds or finishes is told
  }

  /** Adds one file. */
  async add(name: string, bytes: Uint8Array): Promise<void> {
    const added = new Promise<void>((resolve, reject) => {
      const entry = this.#pack.entry(
        { name, size: bytes.length, mode: 0o644 },
        (error?: Error | null) => error ? reject(error) : resolve(),
      );
      entry.end(bytes); // as a stream it waits until there is room, given whole it does not
    });
    await Promise.race([added, this.#writing]);
  }

  /** Writes what is left. */
  async finish(): Promise<ArchiveFile> {
    this.#pack.finalize();
    await this.#writing;
    return {
      paths: this.#paths,
      sizeBytes: this.#sizeBytes,
      sha256: this.#hash.digest("hex"),
    };
  }

  async #write(): Promise<void> {
    const packed = ReadableStream.from(
      this.#pack as AsyncIterable<Uint8Array<ArrayBuffer>>,
    )
      .pipeThrough(new CompressionStream("gzip"));
    for await (const chunk of packed) {
      this.#hash.update(chunk);
      this.#waiting.push(chunk);
      this.#waitingBytes += chunk.length;
      this.#sizeBytes += chunk.length;
      if (this.#waitingBytes >= this.#mostBytes) await this.#flush();
    }
    if (this.#waitingBytes > 0) await this.#flush();
  }

  async #flush(): Promise<void> {
    const n = this.#paths.length;
    const path = n === 0 ? this.#path : `${this.#path}.${n}`;
    const bytes = await new Blob(this.#waiting).bytes();
    this.#waiting = [];
    this.#waitingBytes = 0;
    await this.#objects.upload(path, bytes, "application/gzip");
    this.#paths.push(path);
  }
}
