import type { SupabaseClient } from "@supabase/supabase-js";
import { AppError } from "@shared/errors.ts";

/** Bytes in the bucket `runs`. */
export interface ObjectStore {
  /** Writes bytes to a new path. Rejects with what broke the stream, if that did. */
  upload(
    path: string,
    bytes: ReadableStream<Uint8Array> | Uint8Array,
    contentType: string,
  ): Promise<void>;
  /** Deletes; what is not there is no error. */
  remove(path: string): Promise<void>;
  /** A whole object, or a range of it. */
  download(
    path: string,
    range?: { readonly offset: number; readonly bytes: number },
  ): Promise<Response>;
  /** Lets whoever has the URL write one new object, for a while. */
  signUpload(path: string): Promise<SignedUpload>;
  /** Number of bytes of an object; null if there is none. */
  size(path: string): Promise<number | null>;
  /** Throws unless Storage answers and has the bucket. */
  check(): Promise<void>;
}

/** Leave to write one object. */
export interface SignedUpload {
  /** Bucket it is in. */
  readonly bucket: string;
  /** Takes the bytes by PUT. */
  readonly url: string;
  /** The token in the URL. */
  readonly token: string;
  /** When it ends. */
  readonly expiresAt: Date;
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
    async signUpload(path) {
      const { data, error } = await bucket.createSignedUploadUrl(path);
      if (error) throw away("sign an upload to", error);
      const { signedUrl: url, token } = data;
      return { bucket: BUCKET, url, token, expiresAt: endOf(token) };
    },
    async size(path) {
      const { data, error } = await bucket.info(path);
      if (!error) return data.size ?? 0;
      if ((error as { statusCode?: string }).statusCode === "404") return null;
      throw away("look into", error);
    },
    async check() {
      const { error } = await client.storage.getBucket(BUCKET);
      if (error) throw away("reach", error);
    },
  };
}

/** When a JWT ends. Storage made it for us just now: its signature is Storage's to check. */
function endOf(token: string): Date {
  const claims = token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
  return new Date(JSON.parse(atob(claims)).exp * 1000);
}

function away(action: string, cause: unknown): AppError {
  return new AppError(
    "upstream_unavailable",
    `Cannot ${action} Storage: try again soon`,
    { cause },
  );
}
