// deno-lint-ignore-file camelcase
import type { Row, Sql, TransactionSql } from "postgres";
import { StorageError, type StorageErrorName } from "./error.ts";
import { type Caller, SERVICE } from "./token.ts";

/** A row of `storage.objects`. */
export interface ObjectRow {
  readonly id: string;
  readonly name: string;
  readonly bucket_id: string;
  readonly version: string;
  readonly metadata: {
    readonly eTag: string;
    readonly size: number;
    readonly mimetype: string;
    readonly cacheControl: string;
    readonly lastModified: string;
    readonly contentLength: number;
    readonly httpStatusCode: number;
  };
  readonly user_metadata: Readonly<Record<string, unknown>> | null;
  readonly owner: string | null;
  readonly owner_id: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly last_accessed_at: Date;
}

/** A row of `storage.buckets`. */
export interface BucketRow {
  readonly id: string;
  readonly name: string;
  readonly owner: string | null;
  readonly public: boolean;
  readonly file_size_limit: string | null;
  readonly allowed_mime_types: string[] | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const REFUSALS: Readonly<Record<string, StorageErrorName>> = {
  "42501": "AccessDenied",
  "23505": "KeyAlreadyExists",
  "23503": "NoSuchRelation",
};

/** The only SQL of the server. What a caller does runs under the caller's role and claims: policies decide. */
export class Rows {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Runs `body` as the caller. A denial becomes `AccessDenied`, a name that is taken `KeyAlreadyExists`. */
  async as<T>(
    caller: Caller,
    body: (sql: TransactionSql) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#sql.begin(async (sql) => {
        await sql`
          select set_config('role', ${caller.role}, true),
                 set_config('request.jwt.claims', ${
          JSON.stringify(caller.claims)
        }, true)`;
        return await body(sql);
      }) as T;
    } catch (error) {
      const refusal = REFUSALS[(error as { code?: string }).code ?? ""];
      if (refusal) throw new StorageError(refusal);
      throw error;
    }
  }

  /** A bucket, whoever asks: its limits and whether it is public. */
  async bucket(id: string): Promise<BucketRow> {
    const [row] = await this
      .#sql`select * from storage.buckets where id = ${id}`;
    if (!row) throw new StorageError("NoSuchBucket");
    return row as unknown as BucketRow;
  }

  /** Object for a download: of a public bucket whoever asks (null: nobody), else one that the caller may see. */
  async readable(
    caller: Caller | null,
    bucket: string,
    name: string,
  ): Promise<ObjectRow> {
    const isPublic = (await this.bucket(bucket)).public;
    if (!isPublic && caller === null) throw new StorageError("NoSuchBucket");
    return await this.object(isPublic ? SERVICE : caller!, bucket, name);
  }

  /** Object that the caller may see. */
  async object(
    caller: Caller,
    bucket: string,
    name: string,
  ): Promise<ObjectRow> {
    const [row] = await this.as(caller, (sql) =>
      sql`
      select * from storage.objects where bucket_id = ${bucket} and name = ${name}`);
    if (!row) throw new StorageError("NoSuchKey");
    return row as unknown as ObjectRow;
  }

  /** Which of some names the caller may see. */
  async visible(
    caller: Caller,
    bucket: string,
    names: string[],
  ): Promise<Set<string>> {
    const rows = await this.as(caller, (sql) =>
      sql`
      select name from storage.objects where bucket_id = ${bucket} and name = any (${names})`);
    return new Set(rows.map((row) => row.name as string));
  }

  /** Whether a bucket holds anything, whoever asks. */
  async holdsObjects(bucket: string): Promise<boolean> {
    const [row] = await this.#sql`
      select exists (select from storage.objects where bucket_id = ${bucket}) as holds`;
    return row!.holds;
  }

  /** Which of some versions have a row. */
  async knownVersions(versions: string[]): Promise<Set<string>> {
    const rows = await this.#sql`
      select version from storage.objects where version = any (${versions})`;
    return new Set(rows.map((row) => row.version as string));
  }

  /** Cheapest proof that the database answers. */
  async ping(): Promise<void> {
    await this.#sql`select 1`;
  }
}

/** An object as `remove` and `copy` show it. */
export function shownObject(row: Row | ObjectRow): Record<string, unknown> {
  return {
    name: row.name,
    bucket_id: row.bucket_id,
    owner: row.owner ?? "",
    owner_id: row.owner_id ?? "",
    version: row.version,
    id: row.id,
    updated_at: row.updated_at,
    created_at: row.created_at,
    last_accessed_at: row.last_accessed_at,
    metadata: row.metadata,
    user_metadata: row.user_metadata ?? {},
  };
}
