// deno-lint-ignore-file camelcase
import { dirname, join } from "node:path";
import { listMigrations } from "../database/migrate.ts";
import { databaseFolder, isRoot, NOBODY } from "../database/place.ts";
import { type BackupEntry, DamagedBackupError, readBackup } from "./archive.ts";
import {
  BACKUP_FORMAT,
  BACKUP_VERSION,
  HEAD_NAME,
  RESTORING_NAME,
} from "./format.ts";

/** Major version of the PostgreSQL we start. */
const POSTGRES_MAJOR = "17";
const MOST_HEAD_BYTES = 65_536;

/** What was restored. */
export interface RestoreResult {
  /** When the backup was made. */
  readonly madeAt: string;
  /** Files written. */
  readonly nFiles: number;
  /** Bytes written. */
  readonly sizeBytes: number;
}

/**
 * Makes an installation from a backup, in a folder that has none. A failure leaves the folder as it was.
 *
 * @param file The backup.
 * @param home Folder of the installation to be.
 * @throws {Error} With a sentence that says what to do.
 */
export async function restore(
  file: string,
  home: string,
): Promise<RestoreResult> {
  await refuseInstalled(home);
  const entries = readBackup(file);
  const head = await readHead(file, await first(file, entries));
  await Deno.mkdir(home, { recursive: true, mode: isRoot() ? 0o711 : 0o700 });
  const lock = await Deno.open(join(home, "lock"), {
    create: true,
    write: true,
  });
  if (!await lock.tryLock(true)) {
    lock.close();
    throw new Error(
      `Cannot restore as the folder "${home}" is in use by another Assay: choose another with ASSAY_HOME`,
    );
  }
  const place = { home, database: "" };
  try {
    await Deno.writeTextFile(join(home, RESTORING_NAME), "");
    place.database = await databaseFolder(join(home, "database"));
    const written = await writeAll(file, entries, place);
    await makeWhole(place);
    await Deno.remove(join(home, RESTORING_NAME));
    return { madeAt: head.made_at, ...written };
  } catch (error) {
    await removeAll(place);
    if (/ENOSPC|No space left/.test(String(error))) {
      throw new Error(
        `Cannot restore as the disk of "${home}" is full: free some space, or choose another folder with ASSAY_HOME`,
      );
    }
    throw error;
  } finally {
    lock.close();
  }
}

/** Folders of an installation: with root's, the database may lie elsewhere. */
interface Place {
  readonly home: string;
  readonly database: string;
}

interface Head {
  readonly format: string;
  readonly version: number;
  readonly made_at: string;
  readonly schema_version: string;
}

async function refuseInstalled(home: string): Promise<void> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(home)) names.push(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  if (names.includes(RESTORING_NAME)) {
    throw new Error(
      `Cannot restore as an earlier restore into "${home}" was broken off: remove that folder first`,
    );
  }
  if (names.some((name) => name !== "lock")) {
    throw new Error(
      `Cannot restore as the folder "${home}" is not empty, and nothing is ever overwritten: move it away, or choose another with ASSAY_HOME`,
    );
  }
}

async function first(
  file: string,
  entries: AsyncGenerator<BackupEntry>,
): Promise<BackupEntry> {
  try {
    const { value, done } = await entries.next();
    if (!done && value.name === HEAD_NAME) return value;
  } catch (error) {
    if (String(error).includes("no such file")) throw error;
  }
  throw new Error(
    `Cannot restore as "${file}" is no backup of Assay: name a file that \`deno task backup\` has written`,
  );
}

async function readHead(file: string, entry: BackupEntry): Promise<Head> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of entry.chunks) {
    size += chunk.length;
    if (size > MOST_HEAD_BYTES) break;
    chunks.push(chunk as Uint8Array<ArrayBuffer>);
  }
  const head = JSON.parse(await new Blob(chunks).text()) as Head;
  if (head.format !== BACKUP_FORMAT || head.version > BACKUP_VERSION) {
    throw new Error(
      `Cannot restore "${file}" as its version is newer than this checkout: it has ${head.version}, the newest here is ${BACKUP_VERSION}. Update the checkout`,
    );
  }
  const newest = (await listMigrations()).at(-1)!.version;
  if (head.schema_version > newest) {
    throw new Error(
      `Cannot restore "${file}" as its schema is newer than this checkout: it has version ${head.schema_version}, the newest here is ${newest}. Update the checkout`,
    );
  }
  return head;
}

async function writeAll(
  file: string,
  entries: AsyncGenerator<BackupEntry>,
  place: Place,
): Promise<{ nFiles: number; sizeBytes: number }> {
  let [nFiles, sizeBytes] = [0, 0];
  try {
    for await (const { name, isFolder, chunks } of entries) {
      const path = pathOf(name, place);
      if (isFolder) {
        await Deno.mkdir(path, { recursive: true, mode: 0o700 });
        for await (const _ of chunks);
        continue;
      }
      await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
      sizeBytes += await writeFile(path, chunks);
      nFiles++;
    }
  } catch (error) {
    if (!(error instanceof DamagedBackupError)) throw error;
    throw new Error(
      `Cannot restore as "${file}" is damaged or was cut off: use another backup`,
      { cause: error },
    );
  }
  return { nFiles, sizeBytes };
}

/** Where an entry goes; what a backup of ours never holds is refused. */
function pathOf(name: string, { home, database }: Place): string {
  const parts = name.split("/");
  const isPlain = parts.every((part) =>
    /^[\w.-]+$/.test(part) && part !== ".."
  );
  const [top, ...rest] = parts;
  if (isPlain && top === "database" && rest[0] === "data") {
    return join(database, makingName(), ...rest.slice(1));
  }
  if (isPlain && name === "database/password") {
    return join(database, "password");
  }
  if (isPlain && top === "storage" && rest.length > 0) return join(home, name);
  if (name === "ports.json" || name === "installation.json") {
    return join(home, name);
  }
  throw new Error(
    `Cannot restore as the backup holds "${name}", which no backup of Assay has`,
  );
}

/** The data until it is whole: a start never takes the half for the whole. */
function makingName(): string {
  return "data.restoring";
}

async function writeFile(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<number> {
  using file = await Deno.open(path, {
    create: true,
    truncate: true,
    write: true,
    mode: 0o600,
  });
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    for (let at = 0; at < chunk.length;) {
      at += await file.write(chunk.subarray(at));
    }
  }
  await file.sync();
  return size;
}

async function makeWhole({ home, database }: Place): Promise<void> {
  const making = join(database, makingName());
  const needed = [
    join(home, "installation.json"),
    join(database, "password"),
    join(making, "backup_label"),
  ];
  for (const path of needed) {
    await Deno.stat(path).catch(() => {
      throw new Error(
        "Cannot restore as the backup is not whole: use another one",
      );
    });
  }
  const major = (await Deno.readTextFile(join(making, "PG_VERSION"))).trim();
  if (major !== POSTGRES_MAJOR) {
    throw new Error(
      `Cannot restore as the backup is of PostgreSQL ${major}, and this checkout has ${POSTGRES_MAJOR}: restore it with the checkout that made it`,
    );
  }
  if (isRoot()) {
    await giveAway(making);
    await Deno.chown(join(database, "password"), NOBODY, NOBODY);
  }
  await Deno.rename(making, join(database, "data"));
}

/** The server runs as another user than root. */
async function giveAway(path: string): Promise<void> {
  await Deno.chown(path, NOBODY, NOBODY);
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    if (isDirectory) await giveAway(join(path, name));
    else await Deno.chown(join(path, name), NOBODY, NOBODY);
  }
}

async function removeAll({ home, database }: Place): Promise<void> {
  const drop = (path: string) =>
    Deno.remove(path, { recursive: true }).catch(() => {});
  if (database !== "" && !database.startsWith(home)) await drop(database);
  for (
    const name of [
      "database",
      "storage",
      "ports.json",
      "installation.json",
      RESTORING_NAME,
    ]
  ) await drop(join(home, name));
}
