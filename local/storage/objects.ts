// deno-lint-ignore-file camelcase
import type { ReachPoint } from "@shared/types/fault.ts";
import type { TransactionSql } from "postgres";
import type { Blob, Blobs } from "./blobs.ts";
import { StorageError } from "./error.ts";
import type { ObjectRow, Rows } from "./rows.ts";
import { type Caller, SERVICE } from "./token.ts";

/** Where an object lies. */
export interface Place {
  readonly bucket: string;
  readonly key: string;
}

/** What is said of an object beside its bytes. */
export interface Properties {
  readonly contentType: string;
  readonly cacheControl: string;
  /** What the user noted on it; null: nothing. */
  readonly userMetadata: Readonly<Record<string, unknown>> | null;
}

/** How an object may be written. */
export interface WriteOptions {
  /** Whether one that is there may be replaced. */
  readonly mayReplace: boolean;
  /** Account noted as the owner; null: no person. */
  readonly owner: string | null;
}

/** An object that was written. */
export interface Recorded {
  readonly id: string;
}

const UUID_REGEXP = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Account of whoever calls; null for keys. */
export function ownerOf({ claims }: Caller): string | null {
  return typeof claims.sub === "string" ? claims.sub : null;
}

/** Writes objects: policies first, then bytes, then the row that makes them count. */
export class Objects {
  readonly #rows: Rows;
  readonly #blobs: Blobs;
  readonly #reached: ReachPoint;

  constructor(rows: Rows, blobs: Blobs, reached: ReachPoint = () => {}) {
    this.#rows = rows;
    this.#blobs = blobs;
    this.#reached = reached;
  }

  /** Whoever may not write, or would write twice, is told before the bytes are taken. */
  async check(
    caller: Caller,
    place: Place,
    said: Properties,
    options: WriteOptions,
  ): Promise<void> {
    const undo = new Error("undo");
    const nothing = { version: "", sizeBytes: 0, md5: "" };
    await this.#rows.as(caller, async (sql) => {
      await put(sql, place, nothing, said, options);
      throw undo;
    }).catch((error) => {
      if (error !== undo) throw error;
    });
  }

  /** Stores a stream as an object, and says its id. */
  async store(
    caller: Caller,
    place: Place,
    said: Properties,
    options: WriteOptions,
    content: {
      readonly body: ReadableStream<Uint8Array> | null;
      readonly mostBytes: number;
    },
  ): Promise<Recorded> {
    await this.check(caller, place, said, options);
    const blob = await this.#blobs.write(content.body, content.mostBytes);
    await this.#reached("object_written", place.key);
    const row = await this.record(caller, place, blob, said, options);
    await this.#reached("object_recorded", place.key);
    return row;
  }

  /** Makes bytes count, and removes those they replace, or themselves if they are refused. */
  async record(
    caller: Caller,
    place: Place,
    blob: Blob,
    said: Properties,
    options: WriteOptions,
  ): Promise<Recorded> {
    let id: string;
    let earlier: string | null;
    try {
      ({ id, earlier } = await this.#rows.as(
        caller,
        (sql) => put(sql, place, blob, said, options),
      ));
    } catch (error) {
      // Any other error may hide a commit whose answer was lost: then the row names these bytes. The sweep decides.
      if (error instanceof StorageError) await this.#blobs.remove(blob.version);
      throw error;
    }
    if (earlier !== null && earlier !== blob.version) {
      await this.#blobs.remove(earlier);
    }
    return { id };
  }

  /** Copies an object that the caller may see to where the caller may write. */
  async copy(
    caller: Caller,
    from: Place,
    to: Place,
    options: WriteOptions,
    instead: Partial<Properties>,
  ): Promise<ObjectRow> {
    for (let last: string | null = null;;) {
      const row = await this.#rows.object(caller, from.bucket, from.key);
      const { mimetype, cacheControl, eTag, size } = row.metadata;
      const said = {
        contentType: mimetype,
        cacheControl,
        userMetadata: row.user_metadata,
        ...instead,
      };
      await this.check(caller, to, said, options);
      const version = await this.#blobs.copy(row.version);
      if (version !== null) {
        const blob = { version, sizeBytes: size, md5: eTag.slice(1, -1) };
        await this.record(caller, to, blob, said, options);
        return await this.#rows.object(SERVICE, to.bucket, to.key);
      }
      if (row.version === last) throw new StorageError("NoSuchKey");
      last = row.version; // replaced between the two: its new bytes are there
    }
  }

  /** Gives an object another place; its bytes stay where they are. */
  async move(caller: Caller, from: Place, to: Place): Promise<void> {
    await this.#rows.as(caller, async (sql) => {
      const [row] = await sql`
        select id from storage.objects where bucket_id = ${from.bucket} and name = ${from.key}`;
      if (!row) throw new StorageError("NoSuchKey");
      const changes = { bucket_id: to.bucket, name: to.key };
      const moved = await sql`
        update storage.objects
        set ${
        sql({ ...changes, ...owners(ownerOf(caller)) })
      }, updated_at = now(),
          metadata = jsonb_set(metadata, '{lastModified}', to_jsonb(${
        new Date().toISOString()
      }::text))
        where id = ${row.id} returning 1`;
      if (moved.length === 0) throw new StorageError("AccessDenied");
    });
  }

  /** Removes those of some objects that the caller may remove. */
  async remove(
    caller: Caller,
    bucket: string,
    keys: readonly string[],
  ): Promise<ObjectRow[]> {
    const rows = await this.#rows.as(caller, (sql) =>
      sql`
      delete from storage.objects where bucket_id = ${bucket} and name = any (${[
        ...keys,
      ]}) returning *`) as unknown as ObjectRow[];
    for (const { version } of rows) await this.#blobs.remove(version);
    return rows;
  }

  /** Removes all that the caller may remove from a bucket, a thousand at a time. */
  async empty(caller: Caller, bucket: string): Promise<void> {
    while (true) {
      const rows = await this.#rows.as(caller, (sql) =>
        sql`
        delete from storage.objects where id in (
          select id from storage.objects where bucket_id = ${bucket} limit 1000
        ) returning version`);
      for (const { version } of rows) await this.#blobs.remove(version);
      if (rows.length === 0) return;
    }
  }

  /**
   * Bytes of an object with the row they belong to. Whoever replaces the object meanwhile changes neither: what was opened is read to its
   * end, and bytes that were removed before they were opened are looked for anew.
   */
  async open(
    find: () => Promise<ObjectRow>,
    rangeOf: (size: number) => readonly [number, number] | null,
  ): Promise<
    {
      readonly row: ObjectRow;
      readonly body: ReadableStream<Uint8Array>;
      readonly range: readonly [number, number] | null;
    }
  > {
    for (let last: string | null = null;;) {
      const row = await find();
      const { size } = row.metadata;
      const range = rangeOf(size);
      const [from, to] = range ?? [0, size - 1];
      const body = await this.#blobs.read(row.version, from, to);
      if (body !== null) return { row, body, range };
      if (row.version === last) {
        throw new StorageError(
          "NoSuchKey",
          "Object not found: its bytes are missing from the storage folder",
        );
      }
      last = row.version;
    }
  }
}

function owners(owner: string | null) {
  return {
    owner: owner !== null && UUID_REGEXP.test(owner) ? owner : null,
    owner_id: owner,
  };
}

/**
 * Writes the row. Who only makes objects needs a policy for INSERT; who may replace one needs SELECT and UPDATE too, for a row that is there
 * is looked at first.
 */
async function put(
  sql: TransactionSql,
  { bucket, key }: Place,
  blob: Blob,
  said: Properties,
  { mayReplace, owner }: WriteOptions,
): Promise<Recorded & { readonly earlier: string | null }> {
  const written = {
    version: blob.version,
    ...owners(owner),
    metadata: sql.json({
      eTag: `"${blob.md5}"`,
      size: blob.sizeBytes,
      mimetype: said.contentType,
      cacheControl: said.cacheControl,
      lastModified: new Date().toISOString(),
      contentLength: blob.sizeBytes,
      httpStatusCode: 200,
    }),
    user_metadata: sql.json((said.userMetadata ?? {}) as never),
  };
  const id = crypto.randomUUID();
  const row = { id, bucket_id: bucket, name: key, ...written };
  if (!mayReplace) {
    await sql`insert into storage.objects ${sql(row)}`;
    return { id, earlier: null };
  }
  for (let attempt = 0; attempt < 3; attempt++) { // again if it was removed between the two
    const made = await sql`
      insert into storage.objects ${sql(row)}
      on conflict (bucket_id, name collate "C") do nothing returning 1`;
    if (made.length > 0) return { id, earlier: null };
    const [earlier] = await sql`
      select id, version from storage.objects where bucket_id = ${bucket} and name = ${key} for update`;
    if (!earlier) continue;
    const changed = await sql`
      update storage.objects set ${
      sql(written)
    }, updated_at = now() where id = ${earlier.id} returning 1`;
    if (changed.length === 0) throw new StorageError("AccessDenied");
    return { id: earlier.id, earlier: earlier.version };
  }
  throw new StorageError("AccessDenied"); // there, but not for this caller to change
}
