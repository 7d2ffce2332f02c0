import { AppError } from "@shared/errors.ts";
import type { PageQuery } from "@shared/schemas/page.ts";
import type { KeyRequest } from "@shared/schemas/project.ts";
import type { Page } from "@shared/types/page.ts";
import type { ApiKey } from "@shared/types/project.ts";
import type { Principal } from "../auth/principal.ts";
import type { Database, Transaction } from "./database.ts";
import { decodeCursor, pageOf } from "./page.ts";

/** API keys of a project, without their secrets. */
export interface ApiKeyStore {
  /** Those that are not revoked, oldest first. */
  list(
    caller: Principal,
    projectId: string,
    page: PageQuery,
  ): Promise<Page<ApiKey>>;
  /** Keeps a new one's prefix and hash. */
  create(
    caller: Principal,
    projectId: string,
    request: KeyRequest,
    secret: { readonly prefix: string; readonly secretHash: Uint8Array },
  ): Promise<ApiKey>;
  /** Ends it, for good. */
  revoke(caller: Principal, projectId: string, keyId: string): Promise<void>;
}

/** API keys in PostgreSQL. */
export function createApiKeyStore(database: Database): ApiKeyStore {
  return {
    list: (caller, projectId, { limit, cursor }) =>
      database.asEdge(caller, async (sql) => {
        const after = decodeCursor(cursor, ["string", "string"]);
        const rows = await sql`
          select ${columns(sql)}, k.created_at::text as at from assay.api_keys k
          where k.project_id = ${projectId} and k.revoked_at is null
            ${
          after
            ? sql`and (k.created_at, k.id) > (${after[
              0
            ]!}::text::timestamptz, ${after[1]!}::uuid)`
            : sql``
        }
          order by k.created_at, k.id limit ${limit + 1}`;
        return pageOf(
          rows,
          limit,
          (row) => [row.at, row.key_id],
          ({ at: _, ...row }) => row as ApiKey,
        );
      }),
    create: (caller, projectId, request, { prefix, secretHash }) =>
      database.asEdge(caller, async (sql) => {
        const [row] = await sql`
          insert into assay.api_keys as k (project_id, prefix, secret_hash, name, scopes, expires_at)
          values (${projectId}, ${prefix}, ${secretHash}, ${request.name}, ${request
          .scopes as string[]}::text[], ${request.expiresAt})
          returning ${columns(sql)}`;
        return row as ApiKey;
      }),
    revoke: (caller, projectId, keyId) =>
      database.asEdge(caller, async (sql) => {
        const [row] = await sql`
          update assay.api_keys k set revoked_at = coalesce(k.revoked_at, now())
          where k.project_id = ${projectId} and k.id = ${keyId} returning k.id`;
        if (!row) {
          throw new AppError("not_found", `Cannot find API key "${keyId}"`);
        }
      }),
  };
}

function columns(sql: Transaction) {
  return sql`k.id as key_id, k.prefix, k.name, k.scopes, k.created_at, k.last_used_at, k.expires_at`;
}
