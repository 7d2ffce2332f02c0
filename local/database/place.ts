import { dirname, join, resolve } from "node:path";

/** User and group the server runs as when we are root: PostgreSQL refuses to run as root. */
export const NOBODY = 65534;

/** Whether the database has to run as another user. */
export function isRoot(): boolean {
  return Deno.build.os !== "windows" && Deno.uid() === 0;
}

/**
 * Folder the database's files lie in: `dir` itself, unless we are root and the server's user cannot get there (a home is 0700). Then it
 * is a folder of /var/tmp, which the file `location` in `dir` names.
 *
 * @param dir Folder the caller asked for; made if it is missing.
 * @throws {Error} If the noted folder is gone.
 */
export async function databaseFolder(dir: string): Promise<string> {
  const asked = resolve(dir);
  await Deno.mkdir(asked, { recursive: true });
  if (!isRoot() || await isTraversable(asked)) return asked;
  const note = join(asked, "location");
  const noted = await Deno.readTextFile(note).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  });
  if (noted !== null) return await known(noted.trim(), note);
  const place = await Deno.makeTempDir({ dir: "/var/tmp", prefix: "assay-" });
  await Deno.chmod(place, 0o755);
  await Deno.writeTextFile(note, place + "\n");
  return place;
}

/** Folder for PostgreSQL's programs that the server's user can read. */
export function programsFolder(): string {
  if (isRoot()) return "/var/tmp/assay-programs";
  const home = Deno.env.get("XDG_CACHE_HOME") ??
    join(Deno.env.get("HOME") ?? Deno.env.get("LOCALAPPDATA") ?? ".", ".cache");
  return join(home, "assay");
}

async function known(place: string, note: string): Promise<string> {
  try {
    await Deno.stat(place);
    return place;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(
      `Cannot start database as its folder "${place}" is gone: put it back, or remove "${note}" to begin with an empty one`,
    );
  }
}

async function isTraversable(path: string): Promise<boolean> {
  for (let at = path;; at = dirname(at)) {
    const { mode } = await Deno.stat(at);
    if (mode !== null && (mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}
