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
}

/** Keys in PostgreSQL, through the one function that may read their hash. */
export function createKeyStore(database: Database): KeyStore {
  return {
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
