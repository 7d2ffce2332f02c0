import { extname, join } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".map": "application/json",
};

/** The console shows untrusted text: nothing runs but our own script. */
const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
};

/**
 * A file of the built console; an unknown page is the console itself, which reads the address.
 *
 * @param folder Where it was built to.
 * @param path Of the request.
 */
export async function consoleFile(
  folder: string,
  path: string,
): Promise<Response> {
  const isFile = /^\/[\w.-]+$/.test(path) && extname(path) !== "";
  const name = isFile ? path.slice(1) : "index.html";
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(join(folder, name));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return new Response(
      isFile
        ? "Not found\n"
        : "The console is being built. Reload in a moment.\n",
      { status: isFile ? 404 : 503, headers: { "retry-after": "1" } },
    );
  }
  const isHashed = /-[A-Z0-9]{8}\./i.test(name);
  return new Response(bytes, {
    headers: {
      ...HEADERS,
      "content-type": TYPES[extname(name)] ?? "application/octet-stream",
      "cache-control": isHashed
        ? "public, max-age=31536000, immutable"
        : "no-cache",
    },
  });
}
