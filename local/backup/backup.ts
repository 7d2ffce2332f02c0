import { dirname, join } from "node:path";
import { databaseFolder } from "../database/place.ts";
import { listMigrations } from "../database/migrate.ts";
import { startServer } from "../database/server.ts";
import { readState } from "../state.ts";
import { freePort } from "../supervisor/ports.ts";
import { BackupWriter } from "./archive.ts";
import { addDatabase } from "./base_backup.ts";
import { BACKUP_FORMAT, BACKUP_VERSION, HEAD_NAME } from "./format.ts";
import { StorageFiles } from "./storage_files.ts";

/** What a backup came to. */
export interface BackupResult {
  /** Size of the file. */
  readonly sizeBytes: number;
  /** Objects in Storage. */
  readonly nFiles: number;
}

/** Small files of an installation: its secrets, and the ports that waiting messages name. */
const KEPT = ["installation.json", "ports.json"];

/**
 * Writes everything of an installation to one file, whether it runs or not: database, Storage's files, secrets.
 *
 * Storage's files are added before and after the database: what a row names was on the disk before the row was, so the copy has the bytes
 * of every row in it, as long as nothing is deleted in the moment between.
 *
 * @param home Folder of the installation.
 * @param file Path of a file that is not there yet.
 * @param say Told what is done.
 * @throws {Error} With a sentence that says what to do.
 */
export async function backUp(
  home: string,
  file: string,
  say: (line: string) => void,
): Promise<BackupResult> {
  if (await exists(file)) {
    throw new Error(
      `Cannot back up as "${file}" exists: name another file, or remove it`,
    );
  }
  if (!await exists(join(home, "installation.json"))) {
    throw new Error(
      `Cannot back up as there is no installation in "${home}": start one with \`deno task start\`, or name its folder with ASSAY_HOME`,
    );
  }
  await using database = await openDatabase(home, say);
  await Deno.mkdir(dirname(file), { recursive: true });
  const making = `${file}.making-${crypto.randomUUID().slice(0, 8)}`;
  const writer = new BackupWriter(making);
  try {
    await writer.addBytes(HEAD_NAME, await head());
    const files = new StorageFiles(join(home, "storage"), writer);
    await files.add();
    say(`  storage    ${files.n} files, ${mb(writer.sizeBytes)}`);
    const before = writer.sizeBytes;
    await addDatabase(database.url, join(database.folder, "data"), writer);
    say(`  database   ${mb(writer.sizeBytes - before)}`);
    await files.add();
    for (const name of KEPT) await writer.addFile(name, join(home, name));
    await writer.addFile(
      "database/password",
      join(database.folder, "password"),
    );
    say("  secrets    of this installation");
    await writer.finish();
    await Deno.link(making, file); // unlike a rename it never replaces
    await Deno.remove(making);
    return { sizeBytes: (await Deno.stat(file)).size, nFiles: files.n };
  } catch (error) {
    await writer.abort();
    await Deno.remove(making).catch(() => {});
    if (/ENOSPC|No space left/.test(String(error))) {
      throw new Error(
        `Cannot back up as the disk of "${file}" is full: free some space, or name a file on another`,
      );
    }
    throw error;
  }
}

async function head(): Promise<Uint8Array> {
  return new TextEncoder().encode(JSON.stringify(
    {
      format: BACKUP_FORMAT,
      version: BACKUP_VERSION,
      made_at: new Date().toISOString(),
      schema_version: (await listMigrations()).at(-1)!.version,
      system: `${Deno.build.os} ${Deno.build.arch}`,
    },
    null,
    2,
  ));
}

/** The installation's database: as it runs, else started for the while. */
async function openDatabase(
  home: string,
  say: (line: string) => void,
): Promise<AsyncDisposable & { url: string; folder: string }> {
  const folder = await databaseFolder(join(home, "database"));
  const lock = await Deno.open(join(home, "lock"), {
    create: true,
    write: true,
  });
  if (await lock.tryLock(true)) {
    try {
      if (!await exists(join(folder, "data", "PG_VERSION"))) throw notOurs();
      say("  Assay is not running: its database is started for the while");
      const dir = join(home, "database");
      const server = await startServer({ dir, port: freePort() });
      return {
        url: server.url,
        folder,
        async [Symbol.asyncDispose]() {
          await server.stop();
          lock.close();
        },
      };
    } catch (error) {
      lock.close();
      throw error;
    }
  }
  lock.close();
  const state = await readState(home);
  if (!state) {
    throw new Error(
      `Cannot back up as the Assay in "${home}" is starting or stopping: try again in a moment`,
    );
  }
  if (!state.processes.some(({ name }) => name === "database")) throw notOurs();
  return {
    url: state.databaseUrl,
    folder,
    [Symbol.asyncDispose]: async () => {},
  };
}

function notOurs(): Error {
  return new Error(
    "Cannot back up as the database is one of your own (DATABASE_URL): use its own tools for it, such as pg_dump, and copy the folder of the installation beside it",
  );
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Bytes for people. */
export function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
