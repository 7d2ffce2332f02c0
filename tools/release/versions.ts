import { join } from "node:path";

/** The newest entry of a changelog. */
export interface ChangelogEntry {
  /** Such as `0.1.0`. */
  readonly version: string;
  /** ISO 8601 day; null until it is released. */
  readonly date: string | null;
}

/**
 * The newest entry of a changelog that has a version, in the form of Keep a Changelog: `## [0.1.0] - 2026-01-31`.
 *
 * @throws {Error} If there is none.
 */
export function newestEntry(changelog: string): ChangelogEntry {
  const match = /^## \[?(\d+\.\d+\.\d+[^\s\]]*)\]?(?: - (\S+))?/m.exec(
    changelog,
  );
  if (!match) throw new Error("CHANGELOG.md has no entry with a version");
  const [, version, rest = ""] = match;
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(rest);
  return { version: version!, date: isDate ? rest : null };
}

/**
 * The version in a pyproject.toml.
 *
 * @throws {Error} If its project has none of its own.
 */
export function pyprojectVersion(toml: string): string {
  const project = /^\[project\]\s*$([^]*?)(?=^\[|$(?![^]))/m.exec(toml)?.[1];
  const version = /^version\s*=\s*["']([^"']+)["']/m.exec(project ?? "")?.[1];
  if (!version) throw new Error("pyproject.toml has no project.version");
  return version;
}

/** What is published where. */
export type Target = "npm" | "python";

const VERSION_OF: Readonly<
  Record<Target, { path: string; read: (text: string) => string }>
> = {
  npm: {
    path: "sdk/typescript/npm/package.json",
    read: (text) => JSON.parse(text).version,
  },
  python: { path: "sdk/python/pyproject.toml", read: pyprojectVersion },
};

/**
 * Versions by the file they stand in: the changelog's, and that of each package.
 *
 * @param root The checkout.
 * @param targets Packages to look at.
 */
export async function readVersions(
  root: string,
  targets: readonly Target[],
): Promise<Record<string, string>> {
  const changelog = await Deno.readTextFile(join(root, "CHANGELOG.md"));
  const versions = { "CHANGELOG.md": newestEntry(changelog).version };
  for (const { path, read } of targets.map((target) => VERSION_OF[target])) {
    const text = await Deno.readTextFile(join(root, path));
    Object.assign(versions, { [path]: read(text) });
  }
  return versions;
}

/** Versions as PyPI writes them: `0.2.0-rc.1` is `0.2.0rc1` there. */
export function pep440(version: string): string {
  return version.replace(
    /-(alpha|beta|rc)\.?(\d+)$/,
    (_, word, n) => ({ alpha: "a", beta: "b", rc: "rc" })[word as "rc"] + n,
  );
}

/** A sentence that says which files disagree; null if they all have one version. */
export function disagreement(
  versions: Readonly<Record<string, string>>,
): string | null {
  if (new Set(Object.values(versions).map(pep440)).size <= 1) return null;
  const list = Object.entries(versions).map(([file, v]) => `${file} ${v}`);
  return `Versions disagree: ${list.join(", ")}`;
}
