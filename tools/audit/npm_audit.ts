import { advisoriesOf, type Audit } from "./advisory.ts";

/** Name → versions of the npm packages that a `deno.lock` has, direct and indirect. */
export function lockedPackages(lock: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const key of Object.keys(JSON.parse(lock).npm ?? {})) {
    const [, name, version] = /^(@?[^@]+)@([^_]+)/.exec(key) ?? [];
    if (name === undefined) {
      throw new Error(`Cannot read "${key}" of deno.lock`);
    }
    const versions = found[name] ??= [];
    if (!versions.includes(version!)) versions.push(version!);
  }
  return found;
}

/**
 * Asks a registry about npm packages, as `npm audit` does.
 *
 * @param registry Its base URL.
 * @param packages Name → versions.
 * @throws {NoAdvisories} If it cannot say.
 */
export async function auditNpm(
  registry: string,
  packages: Readonly<Record<string, readonly string[]>>,
): Promise<Audit> {
  const answer = await advisoriesOf(
    `${registry.replace(/\/+$/, "")}/-/npm/v1/security/advisories/bulk`,
    {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(packages),
    },
  ) as Record<string, Record<string, unknown>[]>;
  return {
    nPackages: Object.values(packages).flat().length,
    advisories: Object.entries(answer).flatMap(([name, advisories]) =>
      advisories.map((a) => ({
        package: `${name}@${packages[name]?.join(", ") ?? "?"}`,
        id: /GHSA-[\w-]+/.exec(String(a.url))?.[0] ?? String(a.id),
        severity: String(a.severity ?? "unknown"),
        title: `${a.title} (${a.vulnerable_versions})`,
      }))
    ),
  };
}
