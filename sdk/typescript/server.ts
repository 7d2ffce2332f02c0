import { type NodeFiles, nodeFiles } from "./node_files.ts";

/** Where to log, and with which key. */
export interface Server {
  /** Base URL. */
  readonly url: string;
  /** API key. */
  readonly apiKey: string;
}

/**
 * The server to log to: what was given, else `ASSAY_URL` and `ASSAY_API_KEY`, else one that runs on this machine. A browser has the first
 * alone.
 *
 * @throws {Error} With a sentence that says how to name one.
 */
export async function findServer(
  given: {
    readonly url?: string | undefined;
    readonly apiKey?: string | undefined;
  },
): Promise<Server> {
  const env = environment();
  const url = given.url ?? env.ASSAY_URL;
  const apiKey = given.apiKey ?? env.ASSAY_API_KEY;
  if (url) checkUrl(url);
  if (url && apiKey) return { url: url.replace(/\/+$/, ""), apiKey };
  const files = await nodeFiles();
  if (!files) {
    throw new Error(
      "Cannot find an Assay server as a browser knows of none: give url and apiKey",
    );
  }
  for (const local of await localServers(files)) {
    if (url && local.url !== url.replace(/\/+$/, "")) continue;
    if (await answers(local.url)) {
      return { url: local.url, apiKey: apiKey ?? local.api_key };
    }
  }
  throw new Error(
    url
      ? `Cannot log to ${url} as no API key is known: set ASSAY_API_KEY`
      : "Cannot find an Assay server: start one on this machine, or set ASSAY_URL and ASSAY_API_KEY",
  );
}

/** Deno and Node have it; a browser has none. */
function environment(): Readonly<Record<string, string | undefined>> {
  return (globalThis as { process?: { env?: Record<string, string> } })
    .process?.env ?? {};
}

function checkUrl(url: string): void {
  if (/^https?:\/\/[^/]/i.test(url)) return;
  throw new RangeError(
    `Cannot use a server as its url must begin with http:// or https://: current value is "${url}"`,
  );
}

async function localServers(
  { fs, os, path }: NodeFiles,
): Promise<{ url: string; api_key: string }[]> {
  const state = environment().XDG_STATE_HOME ??
    path.join(os.homedir(), ".local", "state");
  try {
    return JSON.parse(
      await fs.readFile(path.join(state, "assay", "servers.json"), "utf8"),
    );
  } catch {
    return [];
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/functions/v1/ingest/v1/health`, {
      signal: AbortSignal.timeout(2000),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
