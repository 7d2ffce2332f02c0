import type { SupabaseClient } from "@supabase/supabase-js";
import { AppError } from "@shared/errors.ts";

/** Bytes in the bucket `runs`. */
export interface ObjectStore {
  /** Streams bytes to a new path. Rejects with what broke the stream, if that did. */
  upload(
    path: string,
    bytes: ReadableStream<Uint8Array>,
    contentType: string,
  ): Promise<void>;
  /** Deletes; what is not there is no error. */
  remove(path: string): Promise<void>;
  /** A whole object, or a range of it. */
  download(
    path: string,
    range?: { readonly offset: number; readonly bytes: number },
  ): Promise<Response>;
  /** Throws unless Storage answers and has the bucket. */
  check(): Promise<void>;
}

const BUCKET = "runs";

/** Supabase Storage, with the service key: policies for people are kept by the edge's own access rule. */
export function createObjectStore(
  client: SupabaseClient,
  options: { readonly url: string; readonly serviceKey: string },
): ObjectStore {
  const bucket = client.storage.from(BUCKET);
  return {
    async upload(path, bytes, contentType) {
      const { error } = await bucket.upload(path, bytes as never, {
        contentType,
        duplex: "half",
        cacheControl: "31536000",
      });
      if (error) throw away("write to", error);
    },
    async remove(path) {
      const { error } = await bucket.remove([path]);
      if (error) throw away("delete from", error);
    },
    async download(path, range) {
      // The client's download() cannot ask for a range.
      const name = path.split("/").map(encodeURIComponent).join("/");
      let response: Response;
      try {
        response = await fetch(
          `${options.url}/storage/v1/object/authenticated/${BUCKET}/${name}`,
          {
            headers: {
              authorization: `Bearer ${options.serviceKey}`,
              apikey: options.serviceKey,
              ...(range
                ? {
                  range: `bytes=${range.offset}-${
                    range.offset + range.bytes - 1
                  }`,
                }
                : {}),
            },
          },
        );
      } catch (error) {
        throw away("read from", error);
      }
      if (response.status !== (range ? 206 : 200)) {
        const { statusCode } = await response.json().catch(() => ({}));
        if (statusCode === "404") {
          throw new AppError(
            "not_found",
            "Cannot read from Storage: these bytes were deleted",
          );
        }
        throw away(
          "read from",
          new Error(`Storage answered ${response.status}`),
        );
      }
      return response;
    },
    async check() {
      const { error } = await client.storage.getBucket(BUCKET);
      if (error) throw away("reach", error);
    },
  };
}

function away(action: string, cause: unknown): AppError {
  return new AppError(
    "upstream_unavailable",
    `Cannot ${action} Storage: try again soon`,
    { cause },
  );
}
