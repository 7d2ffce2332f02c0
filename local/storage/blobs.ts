import { createHash } from "node:crypto";
import { join } from "node:path";
import { StorageError } from "./error.ts";

const ORPHAN_MS = 3_600_000;

/** What was written. */
export interface Blob {
  /** Name of the bytes; a new one for every write. */
  readonly version: string;
  /** Number of bytes. */
  readonly sizeBytes: number;
  /** MD5 in hex. */
  readonly md5: string;
}

/** Bytes in files, each under a random version: the row decides which one is an object's. */
export class Blobs {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the folder. */
  async prepare(): Promise<void> {
    await Deno.mkdir(this.#folder, { recursive: true, mode: 0o700 });
  }

  /**
   * Writes a stream; on return the bytes are on the disk.
   *
   * @throws {StorageError} `EntityTooLarge` past `mostBytes`.
   */
  async write(
    body: ReadableStream<Uint8Array> | null,
    mostBytes: number,
  ): Promise<Blob> {
    const version = crypto.randomUUID();
    const path = this.#path(version);
    await Deno.mkdir(join(this.#folder, version.slice(0, 2)), {
      recursive: true,
    });
    const making = `${path}.making`;
    const file = await Deno.open(making, { createNew: true, write: true });
    const md5 = createHash("md5");
    let sizeBytes = 0;
    try {
      for await (const chunk of body ?? []) {
        sizeBytes += chunk.length;
        if (sizeBytes > mostBytes) throw new StorageError("EntityTooLarge");
        md5.update(chunk);
        for (let at = 0; at < chunk.length;) {
          at += await file.write(chunk.subarray(at));
        }
      }
      await file.sync();
    } catch (error) {
      file.close();
      await Deno.remove(making).catch(() => {});
      throw error;
    }
    file.close();
    await Deno.rename(making, path);
    return { version, sizeBytes, md5: md5.digest("hex") };
  }

  /** Bytes `from` to `to`, both included; null if there is no such file. */
  async read(
    version: string,
    from: number,
    to: number,
  ): Promise<ReadableStream<Uint8Array> | null> {
    let file: Deno.FsFile;
    try {
      file = await Deno.open(this.#path(version));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
    await file.seek(from, Deno.SeekMode.Start);
    let left = to - from + 1;
    return new ReadableStream({
      async pull(controller) {
        const buffer = new Uint8Array(Math.min(65_536, left));
        const n = left > 0 ? await file.read(buffer) : null;
        if (n === null || n === 0) {
          file.close();
          return controller.close();
        }
        left -= n;
        controller.enqueue(buffer.subarray(0, n));
        if (left === 0) {
          file.close();
          controller.close();
        }
      },
      cancel() {
        file.close();
      },
    });
  }

  /** Removes bytes that no row names any more. */
  async remove(version: string): Promise<void> {
    await Deno.remove(this.#path(version)).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }

  /**
   * Removes what a killed process left: files older than an hour whose version no row has.
   *
   * @param known Which of some versions have a row.
   * @returns How many were removed.
   */
  async sweep(
    known: (versions: string[]) => Promise<Set<string>>,
    nowMs: number,
  ): Promise<number> {
    let removed = 0;
    for await (const folder of Deno.readDir(this.#folder)) {
      if (!folder.isDirectory) continue;
      const old: string[] = [];
      for await (
        const { name } of Deno.readDir(join(this.#folder, folder.name))
      ) {
        const { mtime } = await Deno.stat(
          join(this.#folder, folder.name, name),
        );
        if (mtime && nowMs - mtime.getTime() > ORPHAN_MS) old.push(name);
      }
      const kept = await known(old);
      for (const name of old.filter((n) => !kept.has(n))) {
        await Deno.remove(join(this.#folder, folder.name, name));
        removed++;
      }
    }
    return removed;
  }

  #path(version: string): string {
    return join(this.#folder, version.slice(0, 2), version);
  }
}
