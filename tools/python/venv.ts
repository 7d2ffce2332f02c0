import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { outputOrNull } from "../command.ts";
import { findPython, noPython, type Python } from "./find_python.ts";
import { installRequirements } from "./install_requirements.ts";

/** What the tests of the Python SDK need. */
export const TEST_REQUIREMENTS: readonly string[] = [
  here("requirements.txt"),
  here("build_requirements.txt"),
];

/** What building its packages needs. */
export const BUILD_REQUIREMENTS: readonly string[] = [
  here("build_requirements.txt"),
];

/** After this long without use an environment is removed. */
const UNUSED_MS = 30 * 24 * 60 * 60_000;

/** Written last: an environment without it is half made. */
const MARK = "assay-made";

/** How to make an environment. */
export interface VenvOptions {
  /** Folder of all environments; default the user's cache folder. */
  readonly cache?: string;
  /** The Python; default the first that is found. */
  readonly python?: Python;
  /** Told what happens, a line each. */
  readonly onProgress?: (line: string) => void;
  /** Ends the installation. */
  readonly signal?: AbortSignal;
}

/**
 * Python of a private virtual environment that has these requirements: made once, and kept in the user's cache folder under a hash of
 * the files and the Python's version. Of several processes that want it at once, one makes it.
 *
 * @param requirements Paths of pip requirements files.
 * @returns Path of the environment's Python.
 * @throws {Error} If there is no Python, or something cannot be installed.
 */
export async function ensureVenv(
  requirements: readonly string[],
  { cache = cacheFolder(), python: given, onProgress = () => {}, signal }:
    VenvOptions = {},
): Promise<string> {
  const base = given ?? await findPython();
  if (!base) throw new Error(await noPython() ?? "no Python");
  await Deno.mkdir(cache, { recursive: true });
  const folder = join(
    cache,
    `python-${await hashOf([base.version, Deno.build.target], requirements)}`,
  );
  const python = Deno.build.os === "windows"
    ? join(folder, "Scripts", "python.exe")
    : join(folder, "bin", "python");
  using _lock = await lockOf(
    folder,
    () => onProgress("waiting for another process that makes it"),
  );
  if (!await isWhole(folder, python)) {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    onProgress(`making an environment of Python ${base.version} in ${folder}`);
    await installRequirements({
      base,
      folder,
      python,
      requirements,
      onProgress,
      signal,
    });
  }
  await Deno.writeTextFile(join(folder, MARK), new Date().toISOString());
  await sweep(cache);
  return python;
}

function here(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function cacheFolder(): string {
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? ".";
  const usual: Partial<Record<typeof Deno.build.os, string>> = {
    darwin: join(home, "Library", "Caches"),
    windows: Deno.env.get("LOCALAPPDATA") ?? home,
  };
  const caches = Deno.env.get("XDG_CACHE_HOME") ?? usual[Deno.build.os] ??
    join(home, ".cache");
  return join(caches, "assay");
}

async function hashOf(
  words: readonly string[],
  files: readonly string[],
): Promise<string> {
  const texts = await Promise.all(files.map((file) => Deno.readTextFile(file)));
  const bytes = new TextEncoder().encode([...words, ...texts].join("\0"));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex().slice(0, 16);
}

/** The lock of an environment, beside it: its folder is removed and made again. */
async function lockOf(
  folder: string,
  onWait: () => void,
): Promise<Deno.FsFile> {
  const file = await Deno.open(`${folder}.lock`, { create: true, write: true });
  if (!await file.tryLock(true)) {
    onWait();
    await file.lock(true);
  }
  return file;
}

/** Whether an environment is made, and its Python still runs: the one that it links to may be gone. */
async function isWhole(folder: string, python: string): Promise<boolean> {
  const mark = await Deno.stat(join(folder, MARK)).catch(() => null);
  if (!mark) return false;
  return await outputOrNull(python, ["-c", ""]) !== null;
}

/** Removes environments that nobody has used for long: each has a gigabyte or more. */
async function sweep(cache: string): Promise<void> {
  for await (const { name } of Deno.readDir(cache)) {
    if (!/^python-[0-9a-f]{16}$/.test(name)) continue;
    const folder = join(cache, name);
    const mark = await Deno.stat(join(folder, MARK)).catch(() => null);
    const usedAt = mark?.mtime?.getTime() ?? Date.now();
    if (Date.now() - usedAt < UNUSED_MS) continue;
    using lock = await Deno.open(`${folder}.lock`, {
      create: true,
      write: true,
    });
    if (await lock.tryLock(true)) {
      await Deno.remove(folder, { recursive: true });
    }
  }
}
