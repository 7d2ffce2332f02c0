import type { Blobs } from "./blobs.ts";
import type { Objects } from "./objects.ts";
import type { Resumables } from "./resumables.ts";
import type { Rows } from "./rows.ts";
import type { Caller, UrlSigner } from "./token.ts";

/** What the server reaches outside itself. */
export interface StorageDeps {
  /** Bytes. */
  readonly blobs: Blobs;
  /** Rows. */
  readonly rows: Rows;
  /** Writes objects. */
  readonly objects: Objects;
  /** Uploads that come in pieces. */
  readonly resumables: Resumables;
  /** Who an `Authorization` header is; throws `AccessDenied` for nobody. */
  readonly verify: (authorization: string | undefined) => Promise<Caller>;
  /** Tokens of signed URLs. */
  readonly signer: UrlSigner;
  /** Largest object of a bucket without a lower limit. */
  readonly mostBytes: number;
  /** Base URL clients reach the server at; null: the one each request names. */
  readonly publicUrl: string | null;
}
