import { join } from "node:path";
import type { BackupWriter } from "./archive.ts";

/** Adds the files of Storage; called twice, for what was written and removed while the database was copied. */
export class StorageFiles {
  /** Files added so far. */
  n = 0;
  readonly #folder: string;
  readonly #writer: BackupWriter;
  readonly #added = new Map<string, string>();

  constructor(folder: string, writer: BackupWriter) {
    this.#folder = folder;
    this.#writer = writer;
  }

  /** Adds what is not in the backup as it is now. */
  async add(): Promise<void> {
    for await (const path of this.#files("")) {
      const from = join(this.#folder, path);
      const stat = await Deno.stat(from).catch(() => null);
      const state = `${stat?.size} ${stat?.mtime?.getTime()}`;
      if (stat === null || this.#added.get(path) === state) continue;
      if (await this.#writer.addFile(`storage/${path}`, from)) {
        this.#added.set(path, state);
        this.n = this.#added.size;
      }
    }
  }

  async *#files(folder: string): AsyncGenerator<string> {
    for await (const entry of Deno.readDir(join(this.#folder, folder))) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory) yield* this.#files(path);
      else if (!entry.name.endsWith(".making")) yield path;
    }
  }
}
