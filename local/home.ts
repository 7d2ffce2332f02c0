import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Folder of this installation's state: `ASSAY_HOME`, else `.assay` in the checkout. */
export function homeFolder(): string {
  return resolve(Deno.env.get("ASSAY_HOME") ?? join(ROOT, ".assay"));
}

/** Per-user file that tells SDKs in any folder where a server listens. */
export function serversFile(): string {
  const state = Deno.env.get("XDG_STATE_HOME") ??
    join(
      Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? ".",
      ".local",
      "state",
    );
  return join(state, "assay", "servers.json");
}

/** Writes a file that only its owner reads; readers see the old or the new one, never half of it. */
export async function writePrivate(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const making = `${path}.${crypto.randomUUID().slice(0, 8)}`;
  await Deno.writeTextFile(making, text, { mode: 0o600 });
  await Deno.rename(making, path);
}

/** Parsed JSON of a file; null if there is none. */
export async function readJson<T>(path: string): Promise<T | null> {
  try {
    return JSON.parse(await Deno.readTextFile(path)) as T;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
