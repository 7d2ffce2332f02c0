import type { Blobs } from "./blobs.ts";
import type { Rows } from "./rows.ts";
import type { Caller } from "./token.ts";

/** What the server reaches outside itself. */
export interface StorageDeps {
  /** Bytes. */
  readonly blobs: Blobs;
  /** Rows. */
  readonly rows: Rows;
  /** Who an `Authorization` header is; null: nobody. */
  readonly verify: (
    authorization: string | undefined,
  ) => Promise<Caller | null>;
  /** Largest object of a bucket without a limit of its own. */
  readonly mostBytes: number;
}
