import type { Answer, Message } from "./message.ts";
import { signDelivery } from "./signature.ts";

/** Headers that belong to one connection, or that the body decides. */
const NOT_FORWARDED = new Set([
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Makes one attempt to deliver a message.
 *
 * @param message What to deliver.
 * @param signingKey Signs it.
 * @param mostBytes Most of the response's body to keep.
 * @param nowMs The clock.
 * @param signal Cuts the attempt off.
 * @returns What was answered. The body of a success is read only if a callback is to tell of it.
 * @throws If `signal` is aborted; any other failure is an answer with an error.
 */
export async function send(
  message: Message,
  signingKey: string,
  mostBytes: number,
  nowMs: number,
  signal: AbortSignal,
): Promise<Answer> {
  const { spec } = message;
  const timeout = AbortSignal.timeout(spec.timeoutSeconds * 1000);
  try {
    const response = await fetch(spec.destination, {
      method: spec.method,
      redirect: "manual",
      headers: await deliveredHeaders(message, signingKey, nowMs),
      ...spec.method === "GET" ? {} : { body: message.body },
      signal: AbortSignal.any([signal, timeout]),
    });
    const isWanted = !response.ok || spec.callback !== null;
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: isWanted
        ? await readAtMost(response, mostBytes)
        : (await response.body?.cancel(), new Uint8Array()),
      error: null,
    };
  } catch (error) {
    if (signal.aborted) throw error;
    return {
      status: null,
      headers: {},
      body: new Uint8Array(),
      error: timeout.aborted
        ? `no answer within ${spec.timeoutSeconds} seconds`
        : String(error),
    };
  }
}

async function deliveredHeaders(
  message: Message,
  signingKey: string,
  nowMs: number,
): Promise<Headers> {
  const { spec } = message;
  const headers = new Headers();
  for (const [name, value] of Object.entries(spec.headers)) {
    if (!NOT_FORWARDED.has(name)) headers.set(name, value);
  }
  const own: Record<string, string | null> = {
    "user-agent": "Upstash-QStash",
    "upstash-message-id": message.id,
    "upstash-retried": String(message.retried),
    "upstash-schedule-id": message.scheduleId,
    "upstash-topic-name": message.topicName,
    "upstash-caller-ip": message.callerIp,
    "upstash-signature": await signDelivery(
      signingKey,
      spec.destination,
      spec.method === "GET" ? new Uint8Array() : message.body,
      nowMs,
    ),
  };
  for (const [name, value] of Object.entries(own)) {
    if (value !== null) headers.set(name, value);
  }
  return headers;
}

async function readAtMost(
  response: Response,
  most: number,
): Promise<Uint8Array> {
  if (!response.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    chunks.push(chunk.subarray(0, most - size));
    size += chunk.length;
    if (size >= most) break; // cancels the rest
  }
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}
