import type { SupabaseClient } from "@supabase/supabase-js";
import { AppError } from "@shared/errors.ts";

/** Bytes in the bucket `runs`. */
export interface ObjectStore {
  /** A whole object. */
  download(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Writes an object; one that is there is replaced, for an attempt may write twice. */
  upload(
    path: string,
    bytes: Uint8Array<ArrayBuffer>,
    contentType: string,
  ): Promise<void>;
  /** Deletes, however many they are; what is not there is no error. */
  remove(paths: readonly string[]): Promise<void>;
  /** Names and ages of what lies in one folder; folders have no age. */
  list(folder: string): Promise<{ name: string; createdAt: Date | null }[]>;
}

const BUCKET = "runs";
const PAGE = 1000;
/** Objects that one request deletes; Storage takes no more. */
const MOST_REMOVED = 1000;

/** Supabase Storage, with the service key. */
export function createObjectStore(client: SupabaseClient): ObjectStore {
  const bucket = client.storage.from(BUCKET);
  return {
    async download(path) {
      const { data, error } = await bucket.download(path);
      if (error) throw away("read from", error);
      return new Uint8Array(await data.arrayBuffer());
    },
    async upload(path, bytes, contentType) {
      const { error } = await bucket.upload(path, bytes, {
        contentType,
        upsert: true,
      });
      if (error) throw away("write to", error);
    },
    async remove(paths) {
      for (let start = 0; start < paths.length; start += MOST_REMOVED) {
        const { error } = await bucket.remove(
          paths.slice(start, start + MOST_REMOVED),
        );
        if (error) throw away("delete from", error);
      }
    },
    async list(folder) {
      const entries: { name: string; createdAt: Date | null }[] = [];
      for (let offset = 0;; offset += PAGE) {
        const { data, error } = await bucket.list(folder, {
          limit: PAGE,
          offset,
        });
        if (error) throw away("list", error);
        for (const { name, created_at: at } of data) {
          entries.push({ name, createdAt: at ? new Date(at) : null });
        }
        if (data.length < PAGE) return entries;
      }
    },
  };
}

/**
 * Whether an object was not there, where {@linkcode ObjectStore} failed: any other failure may pass.
 *
 * @param error What it threw.
 */
export function isGone(error: unknown): boolean {
  const { status, statusCode } = ((error as Error | null)?.cause ?? {}) as {
    readonly status?: number;
    readonly statusCode?: string;
  };
  return status === 404 || statusCode === "404";
}

function away(action: string, cause: unknown): AppError {
  return new AppError(
    "upstream_unavailable",
    `Cannot ${action} Storage (${(cause as Error).message})`,
    { cause },
  );
}
