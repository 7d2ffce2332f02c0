import { join } from "node:path";
import postgres from "postgres";
import type { BackupWriter } from "./archive.ts";

/** What a copy does without, or must not have: PostgreSQL's manual, "Making a base backup using the low level API". */
const LEFT_OUT =
  /^(postmaster\.(pid|opts)|log|backup_label(\.old)?|tablespace_map(\.old)?)$|^(pg_wal|pg_replslot|pg_dynshmem|pg_notify|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)\/|(^|\/)(pgsql_tmp[^/]*|pg_internal\.init[^/]*)$/;
const SEGMENT_REGEXP = /^[0-9A-F]{24}$/;

/**
 * Adds a running database's files in a state it can start from. The server writes on; its log from the start of the copy to its end goes
 * with it, and a slot of this session keeps that log from being recycled.
 *
 * @param url URL of its superuser.
 * @param data Its data folder on this machine.
 * @param writer Where the files go, below `database/data/`.
 */
export async function addDatabase(
  url: string,
  data: string,
  writer: BackupWriter,
): Promise<void> {
  const sql = postgres(url, {
    max: 1,
    prepare: false,
    max_lifetime: null,
    onnotice: () => {},
  });
  try {
    const session = await sql.reserve();
    const slot = `assay_backup_${crypto.randomUUID().slice(0, 8)}`;
    await session`select pg_create_physical_replication_slot(${slot}, true, true)`;
    const [start] = await session`
      select pg_walfile_name(pg_backup_start('assay', true)) as segment`;
    for await (const { path, isFolder } of files(data)) {
      const name = `database/data/${path}`;
      if (isFolder) await writer.addFolder(name);
      else await writer.addFile(name, join(data, path));
    }
    const [end] = await session`
      select b.labelfile, pg_walfile_name(b.lsn) as segment from pg_backup_stop(false) b`;
    await writer.addBytes(
      "database/data/backup_label",
      new TextEncoder().encode(end!.labelfile),
    );
    const log = join(data, "pg_wal");
    const segments = [...Deno.readDirSync(log)].map(({ name }) => name)
      .filter((name) =>
        SEGMENT_REGEXP.test(name) && name >= start!.segment &&
        name <= end!.segment
      ).sort();
    if (segments[0] !== start!.segment || segments.at(-1) !== end!.segment) {
      throw new Error(
        `Cannot back up database as its log lacks what was written meanwhile: from ${
          start!.segment
        } to ${end!.segment}`,
      );
    }
    for (const name of segments) {
      await writer.addFile(`database/data/pg_wal/${name}`, join(log, name));
    }
    session.release();
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function* files(
  data: string,
  folder = "",
): AsyncGenerator<{ path: string; isFolder: boolean }> {
  let names: Deno.DirEntry[];
  try {
    names = [...Deno.readDirSync(join(data, folder))];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return; // a table that was dropped meanwhile
    throw error;
  }
  for (const entry of names) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (LEFT_OUT.test(path)) continue;
    if (entry.isSymlink) {
      throw new Error(
        `Cannot back up database as "${path}" lies outside its folder: tablespaces are not supported`,
      );
    }
    if (!entry.isDirectory) {
      yield { path, isFolder: false };
      continue;
    }
    yield { path, isFolder: true };
    yield* files(data, path);
  }
}
