import type { KeyScope } from "@shared/types/project.ts";
import type { Database } from "./database.ts";

/** A live API key, to compare a secret with. */
export interface StoredKey {
  readonly keyId: string;
  readonly projectId: string;
  readonly secretHash: Uint8Array;
  readonly scopes: readonly KeyScope[];
}

/** Looks up API keys. */
export interface KeyStore {
  /** Null if no live key has the prefix. */
  find(prefix: string): Promise<StoredKey | null>;
  /** Notes that a key was used, if that was not noted within the last minute. */
  noteUse(keyId: string): Promise<void>;
}

const MINUTE_MS = 60_000;
const MOST_NOTED = 10_000;

/** Keys in PostgreSQL, through the one function that may read their hash. */
export function createKeyStore(
  database: Database,
  now: () => number = Date.now,
): KeyStore {
  const noted = new Map<string, number>();
  return {
    async noteUse(keyId) {
      const last = noted.get(keyId);
      if (last !== undefined && now() - last < MINUTE_MS) return;
      if (noted.size >= MOST_NOTED) noted.clear();
      noted.set(keyId, now());
      await database.asNobody((sql) =>
        sql`select assay.note_key_use(${keyId})`.execute()
      );
    },
    find: (prefix) =>
      database.asNobody(async (sql) => {
        const [row] = await sql`select * from assay.find_api_key(${prefix})`;
        if (!row) return null;
        return {
          keyId: row.key_id,
          projectId: row.project_id,
          secretHash: row.secret_hash,
          scopes: row.scopes,
        };
      }),
  };
}
