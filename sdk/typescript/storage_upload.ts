// deno-lint-ignore-file camelcase
import { AssayError } from "./error.ts";
import {
  errorOf,
  exchange,
  type HttpAnswer,
  type HttpRequest,
} from "./exchange.ts";
import {
  delayMs,
  isRetryable,
  pause,
  retry,
  type RetryOptions,
} from "./retry.ts";

/** Leave to write one object of Storage, as the server gives it. */
export interface UploadPlace {
  readonly bucket: string;
  readonly path: string;
  readonly upload_url: string;
  readonly token: string;
}

/** How it is sent. */
export interface StorageUploadOptions extends RetryOptions {
  /** Called whenever more bytes are there for good. */
  readonly onSent: (sentBytes: number) => void;
}

/** Storage at Supabase takes no other size but in the last piece. */
const PIECE_BYTES = 6 * 1_048_576;
const TUS = { "tus-resumable": "1.0.0" };
/** Storage has another offset than we thought, or the object has become whole. */
const CONFLICT = 409;
/** A request of ours that was cut may still be at work: so often we look again. */
const MOST_CONFLICTS = 4;

/**
 * Sends bytes to Storage in pieces. After a cut it asks what has arrived, and goes on there.
 *
 * Source: tus resumable upload protocol 1.0.0, core and creation.
 *
 * @param place Where to.
 * @param bytes All of them.
 * @returns Whether they are there; false: the upload is gone, or another one was faster.
 * @throws {AssayError} If Storage refuses them, or takes nothing for `giveUpMs`.
 * @throws The reason of `signal`.
 */
export async function uploadToStorage(
  place: UploadPlace,
  bytes: Uint8Array<ArrayBuffer>,
  { onSent, ...options }: StorageUploadOptions,
): Promise<boolean> {
  const { giveUpMs, signal } = options;
  const headers = { ...TUS, "x-signature": place.token };
  const ask = (request: Omit<HttpRequest, "headers" | "signal">, more = {}) =>
    accepted({ ...request, headers: { ...headers, ...more }, signal });
  const upload = await retry(
    () =>
      ask({ url: endpointOf(place), method: "POST" }, {
        "upload-length": String(bytes.length),
        "upload-metadata": metadataOf(place),
      }),
    options,
  ).catch((error) => {
    if (isConflict(error)) return null;
    throw error;
  });
  const location = upload?.headers.get("location");
  if (!location) return false;
  const url = new URL(location, endpointOf(place)).href;
  const send = (from: number) =>
    ask({
      url,
      method: "PATCH",
      body: bytes.subarray(from, from + PIECE_BYTES),
    }, {
      "content-type": "application/offset+octet-stream",
      "upload-offset": String(from),
    });

  let sent = 0;
  let isKnown = true;
  let conflicts = 0;
  let tries = 0;
  let until: number | null = null; // from the first failure on: a lost piece takes its time
  while (sent < bytes.length) {
    try {
      const answer =
        await (isKnown ? send(sent) : ask({ url, method: "HEAD" }));
      const offset = answer?.headers.get("upload-offset");
      if (!offset) return false;
      isKnown = true;
      if (Number(offset) > sent) {
        [tries, conflicts, until] = [0, 0, null];
        onSent(Number(offset));
      }
      sent = Number(offset);
    } catch (error) {
      if (isConflict(error)) {
        if (++conflicts > MOST_CONFLICTS) return false;
      } else if (!isRetryable(error)) throw error;
      isKnown = false; // some of the piece may have arrived
      const waitMs = delayMs(error, tries++);
      const now = Date.now();
      until ??= now + giveUpMs;
      if (now + waitMs > until) throw error;
      await pause(waitMs, signal);
    }
  }
  return true;
}

function isConflict(error: unknown): error is AssayError {
  return error instanceof AssayError && error.status === CONFLICT;
}

/** The answer of Storage; null: what was asked about is gone. */
async function accepted(request: HttpRequest): Promise<HttpAnswer | null> {
  const answer = await exchange(request);
  const { status } = answer;
  if (status >= 200 && status < 300) return answer;
  if (status === 404 || status === 410) return null;
  const { message, retryAfterMs } = errorOf(answer);
  throw new AssayError(
    "http_error",
    status,
    `Cannot send the model's bytes to Storage (${message})`,
    {},
    retryAfterMs,
  );
}

function endpointOf({ upload_url: url }: UploadPlace): string {
  return url.replace(/\/object\/upload\/sign\/.*$/, "/upload/resumable/sign");
}

function metadataOf({ bucket, path }: UploadPlace): string {
  const facts = {
    bucketName: bucket,
    objectName: path,
    contentType: "application/octet-stream",
  };
  return Object.entries(facts)
    .map(([name, value]) => `${name} ${btoa(value)}`).join(",");
}
