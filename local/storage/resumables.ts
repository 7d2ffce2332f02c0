import { join } from "node:path";
import { type Blob, type Blobs, syncFolder, writeAll } from "./blobs.ts";
import type { Place, Properties } from "./objects.ts";

/** An upload that comes in pieces. */
export interface Resumable extends Place {
  /** Name of its bytes, once it is whole. */
  readonly version: string;
  /** Number of bytes in all; null: not said yet. */
  readonly size: number | null;
  /** Bytes that are on the disk. */
  readonly offset: number;
  /** Header `Upload-Metadata` as it came. */
  readonly header: string;
  readonly said: Properties;
  /** Whether an object that is there may be replaced. */
  readonly mayReplace: boolean;
  /** Account noted as the owner. */
  readonly owner: string | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Whether its row is written. */
  readonly isDone: boolean;
}

/** How a piece ended. */
export interface Appended {
  readonly upload: Resumable;
  /** `too_large`: more bytes came than may; `broken`: the sender went away, or another took over. */
  readonly end: "whole" | "too_large" | "broken";
}

const VERSION_REGEXP = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Uploads that come in pieces, in files: the bytes, and beside them what is known. Only bytes that were synced count in `offset`; what a
 * kill left behind it is cut off before the next piece. Whoever works on an upload holds it: a newer request ends an older one's piece,
 * for the older one's sender is most often gone.
 */
export class Resumables {
  readonly #folder: string;
  readonly #blobs: Blobs;
  readonly #lifeMs: number;
  readonly #held = new Map<
    string,
    { end: AbortController; gone: Promise<void> }
  >();

  constructor(folder: string, blobs: Blobs, lifeMs: number) {
    this.#folder = folder;
    this.#blobs = blobs;
    this.#lifeMs = lifeMs;
  }

  /** Makes the folder, and removes what a killed process was writing. */
  async prepare(): Promise<void> {
    await Deno.mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const names = new Set<string>();
    for await (const { name } of Deno.readDir(this.#folder)) names.add(name);
    for (const name of names) {
      const isLost = name.endsWith(".making") ||
        name.endsWith(".bytes") && !names.has(name.replace("bytes", "json"));
      if (isLost) await Deno.remove(join(this.#folder, name));
    }
  }

  /** When an upload ends unless it is whole, in milliseconds since 1970. */
  expiresAt({ createdAt }: Resumable): number {
    return createdAt + this.#lifeMs;
  }

  /** Begins an upload. */
  async create(
    upload: Omit<Resumable, "version" | "offset" | "isDone">,
  ): Promise<Resumable> {
    const version = crypto.randomUUID();
    const made = { ...upload, version, offset: 0, isDone: false };
    const file = await Deno.open(this.#bytes(version), {
      createNew: true,
      write: true,
    });
    file.close();
    await this.#save(made);
    return made;
  }

  /** An upload; null if there is none of that name at that place. */
  async find(
    { bucket, key }: Place,
    version: string,
  ): Promise<Resumable | null> {
    if (!VERSION_REGEXP.test(version)) return null;
    const text = await Deno.readTextFile(this.#facts(version)).catch(
      (error) => {
        if (error instanceof Deno.errors.NotFound) return null;
        throw error;
      },
    );
    if (text === null) return null;
    const upload: Resumable = JSON.parse(text);
    return upload.bucket === bucket && upload.key === key ? upload : null;
  }

  /** Runs `body` as the only one that works on an upload; ends the piece of whoever did. */
  async hold<T>(
    version: string,
    body: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const earlier = this.#held.get(version);
    const end = new AbortController();
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    this.#held.set(version, { end, gone });
    try {
      earlier?.end.abort();
      await earlier?.gone;
      return await body(end.signal);
    } finally {
      resolve();
      if (this.#held.get(version)?.gone === gone) this.#held.delete(version);
    }
  }

  /** Says how many bytes there will be. */
  async declare(upload: Resumable, size: number): Promise<Resumable> {
    return await this.#save({ ...upload, size });
  }

  /** Adds a piece, as far as it comes. What came is on the disk on return, however it ended. */
  async append(
    upload: Resumable,
    body: ReadableStream<Uint8Array> | null,
    mostBytes: number,
    signal: AbortSignal,
  ): Promise<Appended> {
    const reader = body?.getReader();
    const stop = () => reader?.cancel().catch(() => {});
    signal.addEventListener("abort", stop);
    using file = await Deno.open(this.#bytes(upload.version), { write: true });
    await file.truncate(upload.offset);
    await file.seek(upload.offset, Deno.SeekMode.Start);
    let { offset } = upload;
    let end: Appended["end"] = "whole";
    try {
      while (reader && !signal.aborted) {
        const { done, value } = await reader.read();
        if (done) break;
        if (offset + value.length > mostBytes) {
          end = "too_large";
          stop();
          break;
        }
        await writeAll(file, value);
        offset += value.length;
      }
      if (signal.aborted) end = "broken";
    } catch {
      end = "broken";
    }
    signal.removeEventListener("abort", stop);
    await file.sync();
    return { upload: await this.#save({ ...upload, offset }), end };
  }

  /** The bytes of a whole upload, where objects have theirs. Harmless twice. */
  async bytesOf(upload: Resumable): Promise<Blob> {
    return await this.#blobs.adopt(this.#bytes(upload.version), upload.version);
  }

  /** Notes that the row is written. The upload stays known, for a client that did not get the answer. */
  async finish(upload: Resumable): Promise<Resumable> {
    return await this.#save({ ...upload, isDone: true });
  }

  /** Forgets an upload. */
  async remove(version: string): Promise<void> {
    for (const path of [this.#facts(version), this.#bytes(version)]) {
      await Deno.remove(path).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
    }
  }

  /** Forgets what nobody can go on with; returns how many files that were. */
  async sweep(nowMs: number): Promise<number> {
    let removed = 0;
    for await (const { name } of Deno.readDir(this.#folder)) {
      const version = name.split(".")[0]!;
      const path = join(this.#folder, name);
      const { mtime } = await Deno.stat(path);
      if (mtime && nowMs - mtime.getTime() > this.#lifeMs) {
        await this.hold(version, () => Deno.remove(path));
        removed++;
      }
    }
    return removed;
  }

  async #save(upload: Resumable): Promise<Resumable> {
    const path = this.#facts(upload.version);
    const making = `${path}.making`;
    {
      using file = await Deno.open(making, {
        create: true,
        truncate: true,
        write: true,
      });
      await writeAll(file, new TextEncoder().encode(JSON.stringify(upload)));
      await file.sync();
    }
    await Deno.rename(making, path);
    await syncFolder(this.#folder);
    return upload;
  }

  #facts(version: string): string {
    return join(this.#folder, `${version}.json`);
  }

  #bytes(version: string): string {
    return join(this.#folder, `${version}.bytes`);
  }
}
