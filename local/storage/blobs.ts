import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { StorageError } from "./error.ts";

const ORPHAN_MS = 3_600_000;
const SWEEP_BATCH = 1000;
const FOLDER_REGEXP = /^[0-9a-f]{2}$/;

/** What was written. */
export interface Blob {
  /** Name of the bytes; a new one for every write. */
  readonly version: string;
  /** Number of bytes. */
  readonly sizeBytes: number;
  /** MD5 in hex. */
  readonly md5: string;
}

/** Bytes in files, each under a random version: the row decides which one is an object's. Bytes of a version never change. */
export class Blobs {
  readonly #folder: string;
  readonly #known = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the folder, and removes what a killed process was writing. One process at a time may use a folder. */
  async prepare(): Promise<void> {
    await Deno.mkdir(this.#folder, { recursive: true, mode: 0o700 });
    for await (const path of this.#files()) {
      if (path.endsWith(".making")) await Deno.remove(path);
    }
  }

  /**
   * Writes a stream; on return the bytes are on the disk, under their name.
   *
   * @throws {StorageError} `EntityTooLarge` past `mostBytes`.
   */
  async write(
    body: ReadableStream<Uint8Array> | null,
    mostBytes: number,
  ): Promise<Blob> {
    const version = crypto.randomUUID();
    const path = await this.#place(version);
    const making = `${path}.making`;
    const file = await Deno.open(making, { createNew: true, write: true });
    const md5 = createHash("md5");
    let sizeBytes = 0;
    try {
      for await (const chunk of body ?? []) {
        sizeBytes += chunk.length;
        if (sizeBytes > mostBytes) throw new StorageError("EntityTooLarge");
        md5.update(chunk);
        await writeAll(file, chunk);
      }
      await file.sync();
    } catch (error) {
      file.close();
      await Deno.remove(making).catch(() => {});
      throw error;
    }
    file.close();
    await Deno.rename(making, path);
    await syncFolder(dirname(path));
    return { version, sizeBytes, md5: md5.digest("hex") };
  }

  /** Takes over a file whose bytes are on the disk. Once more is harmless: the file may have been taken before a kill. */
  async adopt(source: string, version: string): Promise<Blob> {
    const path = await this.#place(version);
    try {
      await Deno.utime(source, new Date(), new Date()); // the sweep goes by age
      await Deno.rename(source, path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    await syncFolder(dirname(path));
    const md5 = createHash("md5");
    const file = await Deno.open(path);
    const { size } = await file.stat();
    for await (const chunk of file.readable) md5.update(chunk);
    return { version, sizeBytes: size, md5: md5.digest("hex") };
  }

  /** The same bytes under another version, without copying them where the disk can; null if there are none. */
  async copy(version: string): Promise<string | null> {
    const copy = crypto.randomUUID();
    const [from, to] = [this.#path(version), await this.#place(copy)];
    try {
      await Deno.utime(from, new Date(), new Date()); // the sweep goes by age, and a link has its target's
      await Deno.link(from, to).catch(async (error) => {
        if (error instanceof Deno.errors.NotFound) throw error;
        await Deno.copyFile(from, `${to}.making`);
        await syncFolder(`${to}.making`);
        await Deno.rename(`${to}.making`, to);
      });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
    await syncFolder(dirname(to));
    return copy;
  }

  /** Bytes `from` to `to`, both included; null if there is no such file. What was opened stays readable after a removal. */
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
        const n = left > 0 ? await file.read(buffer) : 0;
        if (n === null) {
          file.close();
          controller.error(new Error(`File of ${version} ended early`));
          return;
        }
        left -= n;
        if (n > 0) controller.enqueue(buffer.subarray(0, n));
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
    let old: string[] = [];
    const removeOld = async () => {
      const kept = await known(old.map((path) => basename(path)));
      for (const path of old.filter((path) => !kept.has(basename(path)))) {
        await Deno.remove(path).catch((error) => {
          if (!(error instanceof Deno.errors.NotFound)) throw error;
        });
        removed++;
      }
      old = [];
    };
    for await (const path of this.#files()) {
      const stat = await Deno.stat(path).catch(() => null);
      const isOld = stat?.mtime && nowMs - stat.mtime.getTime() > ORPHAN_MS;
      if (isOld && old.push(path) === SWEEP_BATCH) await removeOld();
    }
    await removeOld();
    return removed;
  }

  async *#files(): AsyncGenerator<string> {
    for await (const folder of Deno.readDir(this.#folder)) {
      if (!FOLDER_REGEXP.test(folder.name)) continue;
      const path = join(this.#folder, folder.name);
      for await (const { name } of Deno.readDir(path)) yield join(path, name);
    }
  }

  #path(version: string): string {
    return join(this.#folder, version.slice(0, 2), version);
  }

  /** The path of a new version, in a folder that a power loss does not take away. */
  async #place(version: string): Promise<string> {
    const path = this.#path(version);
    const folder = dirname(path);
    if (!this.#known.has(folder)) {
      await Deno.mkdir(folder, { recursive: true });
      await syncFolder(this.#folder);
      this.#known.add(folder);
    }
    return path;
  }
}

/** Writes a whole chunk, however little the system takes at once. */
export async function writeAll(
  file: Deno.FsFile,
  chunk: Uint8Array,
): Promise<void> {
  for (let at = 0; at < chunk.length;) {
    at += await file.write(chunk.subarray(at));
  }
}

/** Puts on the disk which names a folder holds. Windows has no such call, and keeps them by itself. */
export async function syncFolder(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using folder = await Deno.open(path);
  await folder.sync();
}
