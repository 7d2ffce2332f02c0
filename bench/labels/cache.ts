import { join } from "node:path";

/** Where what was trained and encoded is kept between benchmarks: trainings cost minutes, scoring them seconds. */
export function cacheFolder(): string {
  const home = Deno.env.get("XDG_CACHE_HOME") ??
    join(Deno.env.get("HOME") ?? ".", ".cache");
  return join(home, "assay", "bench");
}

/** A short name for settings: equal settings have the same one. */
export async function digestOf(settings: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(settings));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return hash.toHex().slice(0, 16);
}

/** Whether a path is there. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * A folder of the cache, filled once: made beside and renamed, so that an end halfway leaves nothing.
 *
 * @param name Its place in the cache.
 * @param fill Writes its files.
 */
export async function cachedFolder(
  name: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (await isThere(folder)) return folder;
  const partial = `${folder}.part`;
  await Deno.remove(partial, { recursive: true }).catch(() => {});
  await Deno.mkdir(partial, { recursive: true });
  await fill(partial);
  await Deno.rename(partial, folder);
  return folder;
}
