import { lookup } from "node:dns/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { isIP } from "node:net";
import { isPublicAddress } from "./public_address.ts";

/** How files are fetched whose URL somebody else chose. Plain values: a thread can be given them. */
export interface SafeFetchSettings {
  /** Origins of the operator's own, such as `https://minio.internal:9000`: they may lie on a private address and another port. */
  readonly allowedOrigins?: readonly string[];
  /** Most bytes of a file; default 10,000,000. */
  readonly mostBytes?: number;
  /** Longest time for a file, redirects included; default 20,000. */
  readonly timeoutMs?: number;
  /** Certificates (PEM) to trust in place of the usual ones. */
  readonly ca?: string;
}

/** All addresses of a host name. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

/** Why a URL is not fetched. The rule is a sentence's end that starts with "an image URI must". */
export interface RefusedUrl {
  readonly rule: string;
}

/** Bytes of the file, or the rule that its URL, its host or its answer breaks. Throws only the signal's reason. */
export type SafeFetch = (
  url: string,
  signal?: AbortSignal,
) => Promise<Uint8Array<ArrayBuffer> | RefusedUrl>;

/** Redirects that are followed, each checked as the first URL is. */
const MOST_REDIRECTS = 3;
const MOST_URL_LENGTH = 4096;
const ATTEMPTS = 2;
/** A bucket that was not told what it keeps calls it the latter. */
const CONTENT_TYPE_REGEXP = /^(image\/|(application|binary)\/octet-stream)/i;

/** One try that failed, and whether another could do better. */
class Refused extends Error {
  constructor(readonly rule: string, readonly isBlip = false) {
    super(rule);
  }
}

/**
 * Builds the one way to fetch what a user's data points to. It reaches public hosts by HTTPS only: a name is resolved once, all its addresses
 * must be public, and the connection goes to one of these addresses, so that a second answer of the name server changes nothing (DNS rebinding).
 * It sends no credentials, cookies or referrer, and takes no compressed answer.
 *
 * @param settings Limits, and exceptions of the operator's.
 * @param resolve Name server; default: the system's.
 */
export function createSafeFetch(
  settings: SafeFetchSettings = {},
  resolve: ResolveName = resolveBySystem,
): SafeFetch {
  const { mostBytes = 10_000_000, timeoutMs = 20_000 } = settings;
  const allowed = new Set(
    settings.allowedOrigins?.map((origin) => new URL(origin).origin),
  );

  async function fetchOnce(
    given: string,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    let url = given;
    for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
      const checked = checkUrl(url, allowed);
      const addresses = await addressesOf(
        checked,
        allowed,
        resolve,
        signal,
      );
      const answer = await connect(checked, addresses, settings.ca, signal);
      try {
        const next = redirectOf(answer, checked);
        if (next === null) return await bodyOf(answer, mostBytes);
        url = next;
      } finally {
        answer.destroy();
      }
    }
    throw new Refused(
      `an image URI must lead to its file within ${MOST_REDIRECTS} redirects`,
    );
  }

  return async (url, signal) => {
    const deadline = AbortSignal.timeout(timeoutMs);
    const ended = signal ? AbortSignal.any([signal, deadline]) : deadline;
    for (let attempt = 1;; attempt++) {
      try {
        return await fetchOnce(url, ended);
      } catch (error) {
        signal?.throwIfAborted();
        if (deadline.aborted) {
          return {
            rule:
              `an image URI must give its file within ${timeoutMs} milliseconds`,
          };
        }
        const refused = error instanceof Refused ? error : NO_ANSWER;
        if (!refused.isBlip || attempt === ATTEMPTS) {
          return { rule: refused.rule };
        }
      }
    }
  };
}

const NO_ANSWER = new Refused(
  "an image URI must name a host that is found, has a valid certificate and answers",
  true,
);

function checkUrl(text: string, allowed: ReadonlySet<string>): URL {
  const url = text.length <= MOST_URL_LENGTH ? URL.parse(text) : null;
  if (
    url?.protocol !== "https:" || url.username !== "" || url.password !== ""
  ) {
    throw new Refused(
      "an image URI must be https://host/path without a user name and password",
    );
  }
  if (url.port !== "" && !allowed.has(url.origin)) {
    throw new Refused("an image URI must use port 443");
  }
  return url;
}

/** Addresses that may be connected to; all of a name must be public, or its origin one of the operator's. */
async function addressesOf(
  { hostname, origin }: URL,
  allowed: ReadonlySet<string>,
  resolve: ResolveName,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const name = hostname.replace(/^\[(.*)\]$/, "$1");
  const addresses = isIP(name) === 0
    ? await untilAborted(resolve(name), signal)
    : [name];
  if (addresses.length === 0) throw NO_ANSWER;
  if (!allowed.has(origin) && !addresses.every(isPublicAddress)) {
    throw new Refused("an image URI must lead to a public address");
  }
  return addresses;
}

/** The head of the answer of the first address that answers. */
async function connect(
  url: URL,
  addresses: readonly string[],
  ca: string | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  let failure: unknown = NO_ANSWER;
  for (const address of addresses) {
    try {
      return await ask(url, address, ca, signal);
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
    }
  }
  throw failure;
}

/** The certificate must be the name's, whatever address is connected to. */
function ask(
  url: URL,
  address: string,
  ca: string | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const name = url.hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
  return new Promise((resolve, reject) => {
    const asked = request({
      host: address,
      servername: isIP(name) === 0 ? name : "", // TLS names no addresses
      port: url.port || 443,
      path: url.pathname + url.search,
      headers: {
        host: url.host,
        accept: "image/*",
        "accept-encoding": "identity",
        "user-agent": "assay-worker",
      },
      agent: false,
      signal,
      ...(ca === undefined ? {} : { ca }),
    }, resolve);
    asked.on("error", reject);
    asked.end();
  });
}

/** Where the answer sends us; null: it is the file. */
function redirectOf(answer: IncomingMessage, url: URL): string | null {
  const { statusCode = 0, headers } = answer;
  if (statusCode === 200) return null;
  const isRedirect = [301, 302, 303, 307, 308].includes(statusCode);
  if (isRedirect && headers.location) {
    return URL.parse(headers.location, url.href)?.href ?? headers.location;
  }
  throw new Refused(
    `an image URI must be answered with status 200, not ${statusCode}`,
    statusCode === 429 || statusCode >= 500,
  );
}

async function bodyOf(
  answer: IncomingMessage,
  mostBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const { headers } = answer;
  const type = headers["content-type"] ?? "image/";
  if (!CONTENT_TYPE_REGEXP.test(type)) {
    throw new Refused("an image URI must give a file of a type image/...");
  }
  if (!["identity", undefined].includes(headers["content-encoding"])) {
    throw new Refused("an image URI must give its file uncompressed");
  }
  const tooLarge = new Refused(
    `an image URI must give a file of at most ${mostBytes} bytes`,
  );
  if (Number(headers["content-length"] ?? 0) > mostBytes) throw tooLarge;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of answer) {
    size += chunk.length;
    if (size > mostBytes) throw tooLarge;
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

async function resolveBySystem(name: string): Promise<string[]> {
  const found = await lookup(name, { all: true, order: "ipv4first" });
  return found.map(({ address }) => address);
}

/** A name server cannot be told to stop. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener("abort", stop, { once: true });
  return Promise.race([promise, aborted]).finally(() =>
    signal.removeEventListener("abort", stop)
  );
}
